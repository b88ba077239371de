// Connections that cannot be made or are lost, resources that ran out, shutdowns, cancelled statements, and time-outs of
// the session; a server that takes no writes; one that does not let this user in any more, or has lost this database:
// nothing that a caller or a message is at fault for. By code, as the words are translated.
const databaseCodes = /^(08|28|3D|53|57|25006|25P0[34])/;
/** What the driver says, without a code, of a connection that is lost or cannot be had; the last two are our own. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when|Query read timeout|The database (has not answered|must not be used))/;
/** What Prisma says of the same. @see https://www.prisma.io/docs/orm/reference/error-reference */
const prismaCodes: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037']);

/**
 * Whether something failed because the database cannot be asked now: it is not there, does not answer, or needed longer
 * than a statement may take. The same may work later. It goes by what errors look like, so that transports can ask
 * without knowing the driver.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A name with several addresses, none of which answers.
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof code === 'string' && prismaCodes.has(code)) return true;
  const state = sqlStateOf(error);
  if (state !== undefined) return databaseCodes.test(state);
  // The system's own errors have a number.
  return typeof errno === 'number' || lostConnection.test(error.message);
}

/**
 * The SQLSTATE of an error that the database gave, as the driver throws it or as Prisma wraps it; undefined for any other
 * error. `database/faults` says what they mean.
 */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, severity, meta } = error as {
    readonly code?: unknown;
    readonly severity?: unknown;
    readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } };
  };
  // Only PostgreSQL's own errors have a severity.
  const state = severity === undefined ? meta?.driverAdapterError?.cause?.originalCode : code;
  return typeof state === 'string' ? state : undefined;
}
