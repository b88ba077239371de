/** The service cannot start. The message is one sentence for the operator that names what to fix. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
