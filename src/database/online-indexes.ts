import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from './database.ts';
import { lockKeys } from './lock-keys.ts';
import { socketOf } from './session.ts';

/** An index that makes queries faster but is not required, so it is created while the service runs. */
export interface OnlineIndex {
  readonly name: string;
  readonly table: string;
  /** The SQL after `on table`. @param schema the quoted name of the extension's schema. */
  readonly definition: (schema: string) => string;
  /** The extension that the index needs. */
  readonly extension?: string;
  /** The consequence of a missing index, for the log: `search reads every row`. */
  readonly consequence: string;
}

export interface OnlineIndexOptions {
  readonly url: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly indexes: readonly OnlineIndex[];
  /** Indexes to drop if they exist. */
  readonly unwanted?: readonly OnlineIndex[] | undefined;
  /** Milliseconds between attempts, after a failure or while another node creates indexes; default: a minute. */
  readonly retryMs?: number;
}

/** The creation of indexes in progress. */
export interface OnlineIndexing {
  /** Resolves when all indexes are done, or after `stop`. */
  readonly done: Promise<void>;
  /** Aborts the index in progress; the next start creates it again. */
  stop(): void;
}

const defaultRetryMs = 60_000;

/** The extension is not installed on the server, or this role may not create it. Another try would fail as well. */
class NoExtension extends Error {}

/**
 * Creates the missing indexes one after the other by `create index concurrently`, which does not block writers. An
 * incomplete index of a killed node is dropped and created again. Failures are logged and retried.
 */
export function startOnlineIndexes({
  url,
  log,
  indexes,
  unwanted = [],
  retryMs = defaultRetryMs,
}: OnlineIndexOptions): OnlineIndexing {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await withSession(url, signal, (client) => createMissing(client, { indexes, unwanted, log }))) return;
      } catch (err) {
        if (signal.aborted) return;
        log.warn({ err }, 'failed to create an index; retrying later');
      }
      await delay(retryMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  return { done: run(), stop: () => stopping.abort() };
}

async function withSession<Result>(
  url: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    fallback_application_name: 'tidings indexes',
    keepAlive: true,
  });
  client.on('error', () => undefined);
  // A running statement may take any time, so stopping destroys the connection instead of waiting.
  const cut = () => socketOf(client)?.destroy();
  signal.addEventListener('abort', cut);
  try {
    await client.connect();
    // Creating an index may take any time, but PostgreSQL aborts it when the node has ended.
    await client.query(`select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)`);
    await client.query(`set client_connection_check_interval = '1s'`).catch(() => undefined);
    return await work(client);
  } finally {
    signal.removeEventListener('abort', cut);
    if (signal.aborted) cut();
    else await client.end().catch(() => undefined);
  }
}

/** Drops and creates indexes. Returns whether nothing is left to do: false while another node holds the lock. */
async function createMissing(
  client: pg.Client,
  { indexes, unwanted = [], log }: Pick<OnlineIndexOptions, 'indexes' | 'unwanted' | 'log'>,
): Promise<boolean> {
  const isMissing = async (index: OnlineIndex) => (await stateOf(client, index)) !== 'valid';
  const missing: OnlineIndex[] = [];
  for (const index of indexes) if (await isMissing(index)) missing.push(index);
  const extra: OnlineIndex[] = [];
  for (const index of unwanted) if ((await stateOf(client, index)) !== 'missing') extra.push(index);
  if (missing.length + extra.length === 0) return true;
  // Does not wait for the lock, because the creation of an index by the holder would wait for this waiting statement.
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
    lockKeys.onlineIndexes,
  ]);
  if (rows[0]?.got !== true) return false;
  for (const { name } of extra) {
    await client.query(`drop index concurrently if exists ${name}`);
    log.info({ index: name }, 'index dropped');
  }
  for (const index of missing) await createIndex(client, index, log);
  return true;
}

async function createIndex(client: pg.Client, index: OnlineIndex, log: OnlineIndexOptions['log']): Promise<void> {
  const state = await stateOf(client, index);
  if (state === 'valid') return;
  let schema = '';
  try {
    if (index.extension !== undefined) schema = await schemaOf(client, index.extension);
  } catch (error) {
    if (!(error instanceof NoExtension)) throw error;
    const { message: reason } = error;
    log.warn(
      { index: index.name, extension: index.extension, reason },
      `failed to create an index: ${index.consequence}`,
    );
    return;
  }
  const begin = performance.now();
  if (state === 'invalid') await client.query(`drop index concurrently if exists ${index.name}`);
  await client.query(`create index concurrently ${index.name} on ${index.table} ${index.definition(schema)}`);
  log.info({ index: index.name, ms: Math.round(performance.now() - begin) }, 'index created');
}

/** Whether the index exists and is valid. */
export async function isIndexValid(db: Queryable, { name, table }: OnlineIndex): Promise<boolean> {
  const [row] = await db.query<{ indisvalid: boolean }>({ text: stateText, values: [name, table] });
  return row?.indisvalid === true;
}

const stateText = `
  select indisvalid from pg_index join pg_class on pg_class.oid = indexrelid
  where relname = $1 and indrelid = to_regclass($2)`;

async function stateOf(client: pg.Client, { name, table }: OnlineIndex): Promise<'missing' | 'invalid' | 'valid'> {
  const { rows } = await client.query<{ indisvalid: boolean }>(stateText, [name, table]);
  if (rows[0] === undefined) return 'missing';
  return rows[0].indisvalid ? 'valid' : 'invalid';
}

/** The quoted schema of the extension, which is created if it is missing. @throws NoExtension */
async function schemaOf(client: pg.Client, extension: string): Promise<string> {
  const find = async () => {
    const { rows } = await client.query<{ schema: string }>(
      'select quote_ident(nspname) as schema from pg_extension join pg_namespace n on n.oid = extnamespace where extname = $1',
      [extension],
    );
    return rows[0]?.schema;
  };
  const found = await find();
  if (found !== undefined) return found;
  try {
    await client.query(`create extension if not exists ${extension}`);
  } catch (error) {
    // The extension is not installed, not permitted or unknown; PostgreSQL's message says which.
    if (error instanceof pg.DatabaseError && /^(0A000|42501|58P01|22023)$/.test(error.code ?? '')) {
      throw new NoExtension(error.message, { cause: error });
    }
    throw error;
  }
  const created = await find();
  if (created === undefined) throw new Error(`The extension ${extension} was created but does not exist.`);
  return created;
}
