import pg from 'pg';
import { awaitService, type Patience } from '../await-service.ts';
import { StartError } from '../start-error.ts';

const variable = 'DATABASE_URL';
const oldestVersion = 150_000;

/** What waiting does not mend, by SQLSTATE, as the end of a sentence. */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'does not take the user and password',
  '28000': 'does not let the user in',
  '3D000': 'has no database of that name',
  '42501': 'does not let the user connect',
};
/** A server that starts, stops, is full, or was lost: it is asked again. */
const passing = /^(08|53|57P0)/;
/** A standby that is about to be promoted looks like this, too. */
class ReadOnly extends Error {}

/**
 * Waits until the database answers, and looks whether it is one that the service can use.
 * @throws StartError when it does not answer and take writes in time, refuses the user, is older than PostgreSQL 15 or not in UTF8.
 */
export async function awaitDatabase(url: string, patience: Patience): Promise<void> {
  const what = `the database at ${hostOf(url)}`;
  await awaitService({ variable, what, reach: (tryMs) => reach(url, what, tryMs) }, patience);
}

/** Where an address leads, without user and password: a host and port, or the folder of a socket. */
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
    if (isReadOnly) throw new ReadOnly('it takes no writes');
  } catch (error) {
    throw mayPass(error) ? error : refusalOf(error, what);
  } finally {
    // Not waited for: a server that says nothing does not say goodbye either.
    client.end().catch(() => undefined);
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof StartError) return false;
  if (error instanceof ReadOnly) return true;
  if (error instanceof pg.DatabaseError) return passing.test(error.code ?? '');
  // The system's own errors, which are a list for a name with several addresses, and what the driver says without a code.
  const { errno, errors, message } = error as { errno?: unknown; errors?: unknown; message?: unknown };
  return errno !== undefined || errors !== undefined || /timeout|terminated/i.test(String(message));
}

function refusalOf(error: unknown, what: string): StartError {
  if (error instanceof StartError) return error;
  const { message } = error as Error;
  const refusal = error instanceof pg.DatabaseError ? refusals[error.code ?? ''] : undefined;
  return new StartError(`${variable}: ${what} ${refusal ?? 'cannot be used'}: ${message}.`, { cause: error });
}
