import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Sql } from './sql.ts';
import type { TransactionAdapter } from './transactions.ts';

/**
 * Something that runs statements: the pool, or one open transaction. Values are decoded to the types of the API: bigint
 * and int as numbers, numeric as text, timestamptz as ISO-8601 UTC text with milliseconds, uuid[] as arrays of text,
 * jsonb parsed.
 */
export interface Queryable {
  query<Row>(sql: Sql): Promise<Row[]>;
}

/** The only access to PostgreSQL: one pool, with Prisma on the same connections. */
export interface Database extends Queryable {
  readonly prisma: PrismaClient;
  /** The parts that `extendPrisma` combines into the one client of the service. */
  readonly base: BasePrisma;
  /**
   * Runs `work` in one transaction on one connection; commits what it returns, rolls back what it throws.
   * After a deadlock or serialisation failure (40P01, 40001), runs `work` once more from the start, so `work` must have
   * no effect outside the database.
   */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  /** The connections of the pool at this moment. */
  usage(): PoolUsage;
  /** Refuses new statements and transactions as in an outage; resolves when those in progress have ended. */
  suspend(): Promise<void>;
  /** Accepts statements again after `suspend`. */
  resume(): void;
  close(): Promise<void>;
}

/** Numbers of connections of a pool, and of callers that wait for one. */
export interface PoolUsage {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

/** Prisma as the database opens it, before the methods of the `sql` folders are added. */
export interface BasePrisma {
  readonly client: PrismaClient;
  /** Runs hand-written statements without Prisma. */
  readonly statements: Pick<Database, 'query' | 'transaction'>;
  readonly connectionOf: TransactionAdapter['connectionOf'];
}
