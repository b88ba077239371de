import { statement } from '../../database/statement.ts';

/** Advisory lock for moving the sequence. */
const lockKey = 7_461_001;

/**
 * Locks the sequence of keys until the transaction ends, so that no writer moves it backwards. Prisma has no advisory
 * locks.
 */
export const lockSequence = statement<object>()({
  name: 'lock_sequence',
  text: 'select pg_advisory_xact_lock($1)',
  values: () => [lockKey],
});
