import { statement } from '../../../database/statement.ts';

/** Merges the pending list of an index of texts, which every search would scan. */
export const mergePending = statement<object>()({
  name: 'merge_pending_texts',
  isPlannedEachTime: true,
  text: 'select gin_clean_pending_list(to_regclass($1))',
  values: (index: string) => [index],
});

/** Vacuums the queue, whose dead entries searches would pass over. */
export const vacuumQueue = statement<object>()({
  name: 'vacuum_text_queue',
  isPlannedEachTime: true,
  text: 'vacuum notification_text_queue',
  values: () => [],
});
