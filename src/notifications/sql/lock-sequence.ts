import { lockKeys } from '../../database/lock-keys.ts';
import { statement } from '../../database/statement.ts';

/**
 * Locks the sequence of keys until the transaction ends, so that no writer moves it backwards. Prisma has no API for
 * advisory locks.
 */
export const lockSequence = statement<object>()({
  name: 'lock_sequence',
  text: 'select pg_advisory_xact_lock($1)',
  values: () => [lockKeys.sequence],
});
