import type pg from 'pg';
import { invalidQuery } from '../errors.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { BoundedQuery } from './bounded-query.ts';
import { cancelStatements, processIdOf } from './cancel.ts';
import type { Database, Queryable } from './database.ts';
import { createFairShare, NotYet, type Running } from './fair-share.ts';
import { endsConnection, isSchemaFault, onceMore, retry } from './faults.ts';
import { GatedPool } from './gated-pool.ts';
import { notePrepared } from './prepared.ts';
import { endSilentConnections } from './silence.ts';
import type { Sql } from './sql.ts';
import { createTransactionAdapter } from './transactions.ts';
import { valueTypes } from './values.ts';

/** How the service reaches its database. */
export interface DatabaseOptions {
  readonly url: string;
  /** Most connections at one time, Prisma's included. */
  readonly poolSize: number;
  /**
   * How long one statement may take, and a transaction wait for its next; with a quarter more, but half a minute at most,
   * also how long for a connection. Left out: as the database has it.
   */
  readonly timeoutMs?: number | undefined;
  /** Most bytes of the rows of one statement that a caller decides; left out: any number. */
  readonly answerMax?: number | undefined;
  /** Told of each statement that named a table or column which is not there: the schema may be another one now. */
  readonly onSchemaFault?: (() => void) | undefined;
  /** Told when a connection is lost while nobody uses it; the pool replaces it by itself. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/** Of the time a statement may take: the database is the first to give it up, and says so, as long as it can. */
const silenceFactor = 1.25;
/** At most, for a connection to be made or to come free. */
const connectMs = 30_000;
/** Of the time a connection is waited for: the pool gives it up first, and says so. */
const maxWaitFactor = 1.25;
/**
 * Of the time that a statement may take, how long an interactive transaction may: its statements and pauses are bounded
 * one by one, so this only ends what would never end.
 */
const transactionFactor = 10;
/** The longest that a timer waits: where statements are not bounded, transactions are not either. */
const longestMs = 2 ** 31 - 1;
/** A connection in use on which nothing comes is probed after this: a machine that is gone does not answer that. */
const keepAliveMs = 10_000;

/**
 * Opens the one pool, and Prisma on it.
 * @throws Error when the database cannot be reached. Whether it is one to work with, `awaitDatabase` has found.
 */
export async function openDatabase({
  url,
  poolSize,
  timeoutMs,
  answerMax,
  onIdleError,
  onSchemaFault,
}: DatabaseOptions): Promise<Database> {
  const silenceMs = timeoutMs === undefined ? undefined : Math.ceil(silenceFactor * timeoutMs);
  const connectionTimeoutMs = Math.min(connectMs, silenceMs ?? connectMs);
  const pool = new GatedPool({
    connectionString: sessionUrl(url, timeoutMs),
    max: poolSize,
    fallback_application_name: 'tidings node',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    connectionTimeoutMillis: connectionTimeoutMs,
    types: valueTypes,
  });
  pool.on('error', (error: Error & { client?: unknown }) => {
    // The pool hangs the whole client on it, with everything it prepared and how it was reached: nothing for a log.
    delete error.client;
    onIdleError?.(error);
  });
  // A connection lost while in use fails its query. It also emits `error`, which nobody else listens to and
  // which would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  if (silenceMs !== undefined) endSilentConnections(pool, silenceMs);

  const fairShare = createFairShare({
    poolSize,
    waitingCount: () => pool.waitingCount,
    cancel: (processIds) => cancelStatements(url, processIds),
  });

  const once = async <Row>(sql: Sql, running?: Running): Promise<Row[]> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      running?.begin(processIdOf(client));
      return await run<Row>(client, sql, answerMax);
    } catch (error) {
      broken = error instanceof NotYet || !endsConnection(error) ? undefined : asError(error);
      if (isSchemaFault(error)) onSchemaFault?.();
      throw error;
    } finally {
      // Not `pool.query`: it throws the connection away, prepared statements and all, for every refused row.
      client.release(running?.isCancelled ? new Error('It may be cancelled any time.') : broken);
    }
  };
  const query = <Row>(sql: Sql): Promise<Row[]> =>
    sql.owner === undefined ? once(sql) : fairShare.run(sql.owner, (running) => once(sql, running));

  try {
    await query({ text: 'select 1', values: [] });
  } catch (error) {
    await pool.end();
    throw error;
  }

  const transaction = async <Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> => {
    try {
      return await retry(() => attempt(pool, work), onceMore);
    } catch (error) {
      if (isSchemaFault(error)) onSchemaFault?.();
      throw error;
    }
  };
  const { factory, connectionOf } = createTransactionAdapter(pool, run);
  const client = new PrismaClient({
    adapter: factory,
    transactionOptions: {
      maxWait: Math.ceil(maxWaitFactor * connectionTimeoutMs),
      timeout: timeoutMs === undefined ? longestMs : Math.min(longestMs, transactionFactor * timeoutMs),
    },
  });
  let closing: Promise<void> | undefined;
  return {
    prisma: client,
    base: { client, statements: { query, transaction }, connectionOf },
    query,
    transaction,
    suspend: () => pool.shut(),
    resume: () => pool.open(),
    close: () => {
      closing ??= client.$disconnect().then(() => pool.end());
      return closing;
    },
  };
}

/**
 * The address with what every session needs: the value parsers, Prisma's too, rely on UTC and ISO dates. How long things
 * may take comes before what the address says itself, which therefore counts.
 */
function sessionUrl(url: string, timeoutMs: number | undefined): string {
  const address = new URL(url);
  const given = address.searchParams.get('options') ?? '';
  const bounds =
    timeoutMs === undefined
      ? ''
      : `-c statement_timeout=${timeoutMs} -c idle_in_transaction_session_timeout=${timeoutMs}`;
  address.searchParams.set('options', `${bounds} ${given} -c timezone=UTC -c datestyle=ISO`.trim());
  return address.href;
}

async function attempt<Result>(pool: pg.Pool, work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let isOpen = true;
  let broken: Error | undefined;
  const transaction: Queryable = {
    query: async (sql) => {
      // A statement somebody forgot to await must not run in whatever the connection is used for next.
      if (!isOpen) throw new Error('The transaction is over.');
      return run(client, sql);
    },
  };
  try {
    await client.query('BEGIN');
    const result = await work(transaction);
    isOpen = false;
    // PostgreSQL answers COMMIT with ROLLBACK, not with an error, when a statement failed before.
    const { command } = await client.query('COMMIT');
    if (command === 'ROLLBACK') throw new Error('The transaction was rolled back: one of its statements had failed.');
    return result;
  } catch (error) {
    isOpen = false;
    // Whatever `work` threw, a rollback that works shows that the connection does.
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function run<Row>(client: pg.PoolClient, sql: Sql, answerMax = Number.POSITIVE_INFINITY): Promise<Row[]> {
  const { text, values, name, owner } = sql;
  const most = owner === undefined ? Number.POSITIVE_INFINITY : answerMax;
  try {
    const room = name === undefined ? undefined : notePrepared(client, name);
    if (room) await room;
    // Not the promise that `query` makes: with it rows outlive the young generation, which under load took up to twice
    // the memory (measured; see docs/measurements.md).
    return await new Promise<Row[]>((resolve, reject) => {
      const config = { text, values: [...values], ...(name === undefined ? {} : { name }) };
      const query = new BoundedQuery(config, most, (error, result) => {
        if (error) reject(error);
        else if (query.isTooLarge) reject(invalidQuery(`the rows that it asks for hold more than ${most} bytes`));
        else resolve(result.rows as Row[]);
      });
      client.query(query);
    });
  } catch (error) {
    // The stack of a reply leads to the socket; this one leads to whoever asked.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
