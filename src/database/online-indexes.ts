import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from './database.ts';
import { socketOf } from './session.ts';

/** An index that queries gain from and can do without, so it is made while the service works. */
export interface OnlineIndex {
  readonly name: string;
  readonly table: string;
  /** What comes after `on table`. @param schema where the extension is, quoted. */
  readonly definition: (schema: string) => string;
  /** What it is made of and the database may not have. */
  readonly extension?: string;
  /** What is slow without it, for the log: `search reads every row`. */
  readonly otherwise: string;
}

export interface OnlineIndexOptions {
  readonly url: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly indexes: readonly OnlineIndex[];
  /** Indexes that are dropped where they are. */
  readonly unwanted?: readonly OnlineIndex[] | undefined;
  /** How long after a failure, or while another node makes indexes, it is tried again; left out: a minute. */
  readonly retryMs?: number;
}

/** The making of indexes, as it goes on. */
export interface OnlineIndexing {
  /** Fulfilled when there is nothing left to do, or it was stopped. */
  readonly done: Promise<void>;
  /** Gives up what is being made: the next start makes it anew. */
  stop(): void;
}

const defaultRetryMs = 60_000;
/** One node at a time makes indexes. */
const lockKey = 7_461_005;

/** The extension is not installed on the server, or this role may not create it: another try would fail as well. */
class NoExtension extends Error {}

/**
 * Makes those of the indexes that are missing, one after the other, by `create index concurrently`: writers do not wait.
 * What a node that was killed left half made is dropped and made anew. A failure is told in the log and tried again.
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
        if (await withSession(url, signal, (client) => makeAll(client, { indexes, unwanted, log }))) return;
      } catch (err) {
        if (signal.aborted) return;
        log.warn({ err }, 'an index could not be made; it will be tried again');
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
  // A statement under way has no end that could be waited for.
  const cut = () => socketOf(client)?.destroy();
  signal.addEventListener('abort', cut);
  try {
    await client.connect();
    // Making an index takes as long as it takes, but not for a node that is gone.
    await client.query(`select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)`);
    await client.query(`set client_connection_check_interval = '1s'`).catch(() => undefined);
    return await work(client);
  } finally {
    signal.removeEventListener('abort', cut);
    if (signal.aborted) cut();
    else await client.end().catch(() => undefined);
  }
}

/** Whether there is nothing left to do. */
async function makeAll(
  client: pg.Client,
  { indexes, unwanted = [], log }: Pick<OnlineIndexOptions, 'indexes' | 'unwanted' | 'log'>,
): Promise<boolean> {
  const isMissing = async (index: OnlineIndex) => (await stateOf(client, index)) !== 'valid';
  const missing: OnlineIndex[] = [];
  for (const index of indexes) if (await isMissing(index)) missing.push(index);
  const extra: OnlineIndex[] = [];
  for (const index of unwanted) if ((await stateOf(client, index)) !== 'missing') extra.push(index);
  if (missing.length + extra.length === 0) return true;
  // Not the lock that waits: its statement would be one that the making of an index waits for.
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockKey]);
  if (rows[0]?.got !== true) return false;
  for (const { name } of extra) {
    await client.query(`drop index concurrently if exists ${name}`);
    log.info({ index: name }, 'index dropped');
  }
  for (const index of missing) await make(client, index, log);
  return true;
}

async function make(client: pg.Client, index: OnlineIndex, log: OnlineIndexOptions['log']): Promise<void> {
  const state = await stateOf(client, index);
  if (state === 'valid') return;
  let schema = '';
  try {
    if (index.extension !== undefined) schema = await schemaOf(client, index.extension);
  } catch (error) {
    if (!(error instanceof NoExtension)) throw error;
    const { message: reason } = error;
    log.warn({ index: index.name, extension: index.extension, reason }, `an index cannot be made: ${index.otherwise}`);
    return;
  }
  const begin = performance.now();
  if (state === 'invalid') await client.query(`drop index concurrently if exists ${index.name}`);
  await client.query(`create index concurrently ${index.name} on ${index.table} ${index.definition(schema)}`);
  log.info({ index: index.name, ms: Math.round(performance.now() - begin) }, 'index made');
}

/** Whether the index is there and whole. */
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

/** The schema of the extension, quoted; it is created where it is missing. @throws NoExtension */
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
    // Not there, not allowed, not known: PostgreSQL's own words say which.
    if (error instanceof pg.DatabaseError && /^(0A000|42501|58P01|22023)$/.test(error.code ?? '')) {
      throw new NoExtension(error.message, { cause: error });
    }
    throw error;
  }
  const created = await find();
  if (created === undefined) throw new Error(`The extension ${extension} was created and is not there.`);
  return created;
}
