import { lockKeys } from '../../database/lock-keys.ts';
import { lowestIdOfSql } from './fragments.ts';

/** The result of one step of a purge. */
export interface PurgedStep {
  readonly count: number;
  /** Id to continue from; null after the last row. */
  readonly last: string | null;
}

export const purgeValues = (retentionDays: number, count: number, after: string) => [
  lockKeys.purge,
  retentionDays,
  count,
  after,
];

// Ids begin with their creation time, so a range of the primary key holds all rows that may be old enough.
const oldestKept = lowestIdOfSql(`now() - $2::int * interval '1 day'`);

/** Takes the lock that lets only one node purge at a time, unless another node holds it. */
export const purgeLock = 'purge_lock as materialized (select pg_try_advisory_xact_lock($1) as has_lock)';

/** The next ids of a table that may be old enough. */
export const scannedIds = (table: string) => `scanned as materialized (
    select id from ${table}
    where (select has_lock from purge_lock) and id > $4::uuid and id < ${oldestKept}
    order by id limit $3
  )`;
/** The end of every purge statement: how many rows were deleted, and where to continue. */
export const purgeResult = `
  select (select count(*) from deleted) as count, (select id from scanned order by id offset $3::int - 1 limit 1) as last`;
