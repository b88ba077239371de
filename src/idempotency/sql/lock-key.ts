import { statement } from '../../database/statement.ts';

/**
 * Takes the advisory lock of a key until the transaction ends, without waiting. A statement of its own: the next one
 * sees what the previous holder committed.
 */
export const lockKey = statement<{ readonly got: boolean }>()({
  name: 'lock_idempotency_key',
  text: 'select pg_try_advisory_xact_lock($1::bigint) as got',
  values: (lock: bigint) => [String(lock)],
});
