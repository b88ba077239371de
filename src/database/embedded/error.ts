/** The embedded PostgreSQL cannot be used. The message is for the operator and says what to do. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';

  constructor(reason: string, cause?: unknown) {
    super(
      `${reason} You can also set DATABASE_URL to use your own PostgreSQL server.`,
      cause === undefined ? undefined : { cause },
    );
  }
}
