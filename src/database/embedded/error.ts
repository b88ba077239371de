/** The embedded PostgreSQL cannot serve. The message is for whoever runs the service and says what to do. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';

  constructor(reason: string, cause?: unknown) {
    super(
      `${reason} You can also set DATABASE_URL to a PostgreSQL server of yours.`,
      cause === undefined ? undefined : { cause },
    );
  }
}
