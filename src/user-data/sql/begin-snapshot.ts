import { statement } from '../../database/statement.ts';

/** The first statement of a transaction: all later ones read the database as it is at the first of them. */
export const beginSnapshot = statement<object>()({
  name: 'begin_snapshot',
  isPlannedEachTime: true,
  text: 'set transaction isolation level repeatable read, read only',
  values: () => [],
});
