import pg from 'pg';
import { awaitService, type WaitOptions } from '../await-service.ts';
import { StartError } from '../start-error.ts';

const variable = 'DATABASE_URL';
const oldestVersion = 150_000;

/** Errors that a retry cannot fix, by SQLSTATE. Each text completes a sentence that begins with "the database at …". */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'rejects the user or the password',
  '28000': 'does not accept connections of this user',
  '3D000': 'has no database with that name',
  '42501': 'does not let the user connect',
};
/** The SQLSTATEs to retry: the server is starting, stopping or full, or the connection was lost. */
const temporary = /^(08|53|57P0)/;
/** Retried, because the server may be a standby that is about to be promoted. */
class ReadOnly extends Error {}

/**
 * Waits until the database answers and accepts writes, and checks that the service can use it.
 * @throws StartError on timeout, when the database refuses the user, is older than PostgreSQL 15, or is not encoded in
 * UTF8.
 */
export async function awaitDatabase(url: string, options: WaitOptions): Promise<void> {
  const what = `the database at ${hostOf(url)}`;
  await awaitService({ variable, what, reach: (tryMs) => reach(url, what, tryMs) }, options);
}

/** The host and port in a database URL, or the folder of its socket; without user and password. */
export function hostOf(url: string): string {
  const { host, port, searchParams } = new URL(url);
  return searchParams.get('host') ?? (port === '' ? `${host || 'localhost'}:5432` : host);
}

async function reach(url: string, what: string, tryMs: number): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    fallback_application_name: 'tidings start',
    connectionTimeoutMillis: tryMs,
    query_timeout: tryMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; release: string; encoding: string; is_read_only: boolean }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_version') as release,
              current_setting('server_encoding') as encoding,
              current_setting('transaction_read_only') = 'on' as is_read_only`,
    );
    const { version = 0, release, encoding, is_read_only: isReadOnly } = rows[0] ?? {};
    if (version < oldestVersion) {
      throw new StartError(`${variable}: ${what} is PostgreSQL ${release}, and must be 15 or newer.`);
    }
    if (encoding !== 'UTF8') {
      throw new StartError(`${variable}: ${what} has the encoding ${encoding}, and must have UTF8.`);
    }
    if (isReadOnly) throw new ReadOnly('it is read-only');
  } catch (error) {
    throw isTemporary(error) ? error : refusalOf(error, what);
  } finally {
    // Not awaited: a server that does not respond would not close the connection either.
    client.end().catch(() => undefined);
  }
}

function isTemporary(error: unknown): boolean {
  if (error instanceof StartError) return false;
  if (error instanceof ReadOnly) return true;
  if (error instanceof pg.DatabaseError) return temporary.test(error.code ?? '');
  // System errors have `errno`, or `errors` for a host name with several addresses. Errors of the driver have neither,
  // and no code.
  const { errno, errors, message } = error as { errno?: unknown; errors?: unknown; message?: unknown };
  return errno !== undefined || errors !== undefined || /timeout|terminated/i.test(String(message));
}

function refusalOf(error: unknown, what: string): StartError {
  if (error instanceof StartError) return error;
  const { message } = error as Error;
  const refusal = error instanceof pg.DatabaseError ? refusals[error.code ?? ''] : undefined;
  return new StartError(`${variable}: ${what} ${refusal ?? 'cannot be used'}: ${message}.`, { cause: error });
}
