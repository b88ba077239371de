/** The service cannot start. The message is one sentence for whoever runs it, and names what is to be mended. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
