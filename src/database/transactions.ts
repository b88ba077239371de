import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter, Transaction } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import type { Sql } from './sql.ts';

/** Runs one statement on a connection. */
export type RunStatement = <Row>(client: pg.PoolClient, sql: Sql) => Promise<Row[]>;

/** The connection of one open interactive transaction, for statements that do not go through Prisma. */
export interface TransactionConnection {
  /** @throws Error when the transaction is over. */
  run<Row>(sql: Sql): Promise<Row[]>;
  /**
   * Runs a part of the transaction. If it throws, or one of its statements fails, only this part is rolled back, and the
   * transaction goes on. Parts run one after the other: the caller awaits one before it starts the next.
   */
  part<Result>(work: () => PromiseLike<Result>): Promise<Result>;
}

/** Prisma's adapter over a pool, with two additional guarantees; see `createTransactionAdapter`. */
export interface TransactionAdapter {
  readonly factory: PrismaPg;
  /**
   * The connection behind a client of an interactive transaction.
   * @param queryRaw `$queryRawUnsafe` of that client
   */
  connectionOf(queryRaw: (text: string, ticket: string) => PromiseLike<unknown>): Promise<TransactionConnection>;
}

/** A pseudo-statement that asks the adapter for the connection of the transaction; it is never sent to the database. */
const requestText = '-- connection of this transaction';

/**
 * Adds two guarantees to Prisma's adapter. First, a failed statement fails its transaction, even if the error was
 * caught: PostgreSQL then answers COMMIT with ROLLBACK instead of an error, which Prisma ignores. Second, hand-written
 * statements can run on the connection of a transaction.
 */
export function createTransactionAdapter(pool: pg.Pool, run: RunStatement): TransactionAdapter {
  const requests = new Map<string, (connection: TransactionConnection) => void>();
  let tickets = 0;

  function watched(transaction: Transaction): Transaction {
    let isOpen = true;
    let failure: { readonly error: unknown } | undefined;
    let hasPart = false;
    const watch = async <Result>(work: Promise<Result>): Promise<Result> => {
      try {
        return await work;
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    };
    const end = () => {
      isOpen = false;
    };
    const connection: TransactionConnection = {
      async run(sql) {
        // A statement that was not awaited must not run in the connection's next transaction.
        if (!isOpen) throw new Error('The transaction is over.');
        return watch(run(clientOf(transaction), sql));
      },
      async part(work) {
        const failedBefore = failure;
        // The savepoint of the previous part is released with the next one, which saves a round trip.
        await connection.run(statementOf(hasPart ? 'release savepoint part; savepoint part' : 'savepoint part'));
        hasPart = true;
        try {
          const result = await work();
          if (failure !== failedBefore) throw rolledBack(failure?.error);
          return result;
        } catch (error) {
          await connection.run(statementOf('rollback to savepoint part'));
          failure = failedBefore;
          throw error;
        }
      },
    };
    return {
      provider: transaction.provider,
      adapterName: transaction.adapterName,
      options: transaction.options,
      async queryRaw(query) {
        if (query.sql !== requestText) return watch(transaction.queryRaw(query));
        const [ticket] = query.args;
        requests.get(String(ticket))?.(connection);
        return { columnNames: [], columnTypes: [], rows: [] };
      },
      async executeRaw(query) {
        if (query.sql !== 'COMMIT' && query.sql !== 'ROLLBACK') return watch(transaction.executeRaw(query));
        end();
        if (query.sql === 'ROLLBACK' || failure === undefined) return transaction.executeRaw(query);
        await transaction.executeRaw({ ...query, sql: 'ROLLBACK' });
        throw rolledBack(failure.error);
      },
      async commit() {
        end();
        await transaction.commit();
      },
      async rollback() {
        end();
        await transaction.rollback();
      },
      ...savepointsOf(transaction),
    };
  }

  return {
    factory: new WatchingAdapter(pool, watched),
    async connectionOf(queryRaw) {
      tickets += 1;
      const ticket = String(tickets);
      let found: TransactionConnection | undefined;
      requests.set(ticket, (connection) => {
        found = connection;
      });
      try {
        await queryRaw(requestText, ticket);
      } finally {
        requests.delete(ticket);
      }
      if (found === undefined) throw new Error('The client does not belong to a transaction of this adapter.');
      return found;
    },
  };
}

const statementOf = (text: string): Sql => ({ text, values: [] });

const rolledBack = (cause: unknown) =>
  new Error('The transaction was rolled back: one of its statements had failed.', { cause });

class WatchingAdapter extends PrismaPg {
  readonly #watched: (transaction: Transaction) => Transaction;

  constructor(pool: pg.Pool, watched: (transaction: Transaction) => Transaction) {
    super(pool);
    this.#watched = watched;
  }

  override async connect() {
    const adapter = await super.connect();
    const start: SqlDriverAdapter['startTransaction'] = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolation) => this.#watched(await start(isolation));
    return adapter;
  }
}

/** The types of the adapter lack this property. */
function clientOf(transaction: Transaction): pg.PoolClient {
  return (transaction as unknown as { readonly client: pg.PoolClient }).client;
}

function savepointsOf(transaction: Transaction): Partial<Transaction> {
  const { createSavepoint, rollbackToSavepoint, releaseSavepoint } = transaction;
  return {
    ...(createSavepoint && { createSavepoint: createSavepoint.bind(transaction) }),
    ...(rollbackToSavepoint && { rollbackToSavepoint: rollbackToSavepoint.bind(transaction) }),
    ...(releaseSavepoint && { releaseSavepoint: releaseSavepoint.bind(transaction) }),
  };
}
