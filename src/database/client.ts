import type pg from 'pg';
import { invalidQuery } from '../errors.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { BoundedQuery } from './bounded-query.ts';
import { cancelStatements, processIdOf } from './cancel.ts';
import type { Database, Queryable } from './database.ts';
import { createFairShare, NotYet, type Running } from './fair-share.ts';
import { endsConnection, isSchemaFault, retry, retryOnce } from './faults.ts';
import { GatedPool } from './gated-pool.ts';
import { notePrepared } from './prepared.ts';
import { endSilentConnections } from './silence.ts';
import type { Sql } from './sql.ts';
import { createTransactionAdapter } from './transactions.ts';
import { valueTypes } from './values.ts';

/** How the service connects to its database. */
export interface DatabaseOptions {
  readonly url: string;
  /** Maximum number of concurrent connections, including Prisma's. */
  readonly poolSize: number;
  /**
   * Timeout of one statement, and of the pauses between the statements of a transaction; undefined: the timeouts of the
   * database apply. The timeout for getting a connection is 25 % longer, but at most 30 seconds.
   */
  readonly timeoutMs?: number | undefined;
  /** Maximum bytes of the rows of one statement that runs for a caller (`Sql.owner`); undefined: no limit. */
  readonly answerMax?: number | undefined;
  /** Called for each statement that fails because of a missing table or column; the schema may have changed. */
  readonly onSchemaFault?: (() => void) | undefined;
  /** Called when an idle connection is lost; the pool replaces it. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/** The client waits 25 % longer than `statement_timeout`, so PostgreSQL normally times out first and reports it. */
const silenceFactor = 1.25;
/** Maximum milliseconds to wait for a connection to be opened or returned to the pool. */
const connectMs = 30_000;
/** Prisma waits 25 % longer for a connection than the pool, so the pool times out first and reports it. */
const maxWaitFactor = 1.25;
/**
 * The timeout of an interactive transaction, as a multiple of the statement timeout. Each statement and pause has its
 * own timeout, so this one only stops transactions that would never end.
 */
const transactionFactor = 10;
/** The longest delay of a timer; used as the timeout of transactions when statements have none. */
const maxTimerMs = 2 ** 31 - 1;
/** Milliseconds of silence before TCP probes a connection, so that the loss of the other machine is noticed. */
const keepAliveMs = 10_000;

/**
 * Opens the pool, and Prisma on top of it. Call `awaitDatabase` first: it checks that the service can use the database.
 * @throws Error when the database is unreachable.
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
    // The pool attaches the client, with its prepared statements and password, which do not belong in a log.
    delete error.client;
    onIdleError?.(error);
  });
  // A connection lost while in use fails its query. It also emits `error`, which would end the process if there were no
  // listener.
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
      // `pool.query` is not used, because it closes the connection after any failed statement, and so loses the
      // prepared statements.
      client.release(running?.isCancelled ? new Error('A late cancellation may still reach this connection.') : broken);
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
      return await retry(() => attempt(pool, work), retryOnce);
    } catch (error) {
      if (isSchemaFault(error)) onSchemaFault?.();
      throw error;
    }
  };
  const { factory, connectionOf } = createTransactionAdapter(pool, (client, sql) => run(client, sql, answerMax));
  const client = new PrismaClient({
    adapter: factory,
    transactionOptions: {
      maxWait: Math.ceil(maxWaitFactor * connectionTimeoutMs),
      timeout: timeoutMs === undefined ? maxTimerMs : Math.min(maxTimerMs, transactionFactor * timeoutMs),
    },
  });
  let closing: Promise<void> | undefined;
  return {
    prisma: client,
    base: { client, statements: { query, transaction }, connectionOf },
    query,
    transaction,
    usage: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: poolSize,
    }),
    suspend: () => pool.shut(),
    resume: () => pool.open(),
    close: () => {
      closing ??= client.$disconnect().then(() => pool.end());
      return closing;
    },
  };
}

/**
 * Adds the options of every session to the URL. UTC and ISO dates come last, because the value parsers and Prisma's
 * rely on them. The timeouts come first, so that options in the URL override them.
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
      // A statement that was not awaited must not run in the connection's next transaction.
      if (!isOpen) throw new Error('The transaction is over.');
      return run(client, sql);
    },
  };
  try {
    await client.query('BEGIN');
    const result = await work(transaction);
    isOpen = false;
    // If a statement has failed before, PostgreSQL answers COMMIT with ROLLBACK instead of an error.
    const { command } = await client.query('COMMIT');
    if (command === 'ROLLBACK') throw new Error('The transaction was rolled back: one of its statements had failed.');
    return result;
  } catch (error) {
    isOpen = false;
    // If the rollback succeeds, the connection is intact, whatever `work` threw.
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function run<Row>(client: pg.PoolClient, sql: Sql, answerMax = Number.POSITIVE_INFINITY): Promise<Row[]> {
  const { name, owner } = sql;
  const maxBytes = owner === undefined ? Number.POSITIVE_INFINITY : answerMax;
  try {
    const deallocated = name === undefined ? undefined : notePrepared(client, name);
    if (deallocated) await deallocated;
    // The promise that `query` creates is not used. With it, rows outlive the young generation, which under load took
    // up to twice the memory (measured; see docs/measurements.md).
    return await new Promise<Row[]>((resolve, reject) => {
      const query = new BoundedQuery(sql, maxBytes, (error, result) => {
        if (error) reject(error);
        else if (query.isTooLarge) reject(invalidQuery(`its rows are larger than ${maxBytes} bytes in total`));
        else resolve(result.rows as Row[]);
      });
      client.query(query);
    });
  } catch (error) {
    // The driver's stack trace starts at the socket; the new one includes the caller of this function.
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
