import { statement } from '../../database/statement.ts';

/** Key of the advisory lock under which the sequence is moved. */
const lockKey = 7_461_001;

/** Locks the sequence of keys until the transaction ends, so that two writers never move it backwards. */
export const lockSequence = statement<object>()({
  name: 'lock_sequence',
  text: 'select pg_advisory_xact_lock($1)',
  values: () => [lockKey],
});
