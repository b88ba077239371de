import { lockKeys } from '../../database/lock-keys.ts';
import { statement } from '../../database/statement.ts';

/**
 * Takes the lock by which one node at a time sweeps, until the transaction ends, unless another node holds it. Prisma has no
 * advisory locks.
 */
export const lockSweep = statement<{ readonly has_lock: boolean }>()({
  name: 'lock_sweep',
  text: 'select pg_try_advisory_xact_lock($1) as has_lock',
  values: () => [lockKeys.sweep],
});
