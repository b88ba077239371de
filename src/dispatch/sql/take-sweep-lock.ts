import { lockKeys } from '../../database/lock-keys.ts';
import { statement } from '../../database/statement.ts';

/**
 * Takes the lock that lets only one node sweep at a time, unless another node holds it. The lock is released when the
 * transaction ends. Prisma has no API for advisory locks.
 */
export const takeSweepLock = statement<{ readonly has_lock: boolean }>()({
  name: 'take_sweep_lock',
  text: 'select pg_try_advisory_xact_lock($1) as has_lock',
  values: () => [lockKeys.sweep],
});
