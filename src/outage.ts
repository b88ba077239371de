// SQLSTATEs of failed and lost connections, exhausted resources, shutdowns, cancelled statements, session timeouts,
// read-only servers, rejected users and missing databases. Neither a caller nor a message causes them. Matched by code,
// because messages are translated.
const databaseCodes = /^(08|28|3D|53|57|25006|25P0[34])/;
/** Messages of driver errors without a code, for failed and lost connections; the last two are from this service. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when|Query read timeout|The database (has not answered|must not be used))/;
/** The corresponding codes of Prisma. @see https://www.prisma.io/docs/orm/reference/error-reference */
const prismaCodes: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037']);

/**
 * Whether an error means that the database is unavailable: unreachable, not responding, or slower than the statement
 * timeout. A retry may succeed. Decided by the properties of the error, so that faces need not know the driver.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A host name with several addresses, none of which responds.
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof code === 'string' && prismaCodes.has(code)) return true;
  const state = sqlStateOf(error);
  if (state !== undefined) return databaseCodes.test(state);
  // Only system errors have a numeric `errno`.
  return typeof errno === 'number' || lostConnection.test(error.message);
}

/**
 * The SQLSTATE of an error from PostgreSQL, as thrown by the driver or wrapped by Prisma; undefined for other errors.
 * `database/faults` has their meaning.
 */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, severity, meta } = error as {
    readonly code?: unknown;
    readonly severity?: unknown;
    readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } };
  };
  // Only errors of PostgreSQL have a severity.
  const state = severity === undefined ? meta?.driverAdapterError?.cause?.originalCode : code;
  return typeof state === 'string' ? state : undefined;
}
