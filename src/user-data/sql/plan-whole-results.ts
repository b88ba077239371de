import { statement } from '../../database/statement.ts';

/**
 * Plans the cursors of the transaction for all of their rows. By default, PostgreSQL prefers plans that return the
 * first rows early, such as reading a whole table in the order of its key.
 */
export const planWholeResults = statement<object>()({
  name: 'plan_whole_results',
  isPlannedEachTime: true,
  text: `select set_config('cursor_tuple_fraction', '1', true)`,
  values: () => [],
});
