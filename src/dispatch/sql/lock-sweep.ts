import { statement } from '../../database/statement.ts';

/** Key of the advisory lock by which only one node runs a step at a time. */
const lockKey = 7_461_006;

/**
 * Takes the lock of the sweep until the transaction ends, unless another node holds it. Prisma has no
 * advisory locks.
 */
export const lockSweep = statement<{ readonly has_lock: boolean }>()({
  name: 'lock_sweep',
  text: 'select pg_try_advisory_xact_lock($1) as has_lock',
  values: () => [lockKey],
});
