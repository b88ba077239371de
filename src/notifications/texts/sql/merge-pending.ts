import { statement } from '../../../database/statement.ts';

/** Merges the pending list of a text index into the index, because every search scans the whole list. */
export const mergePending = statement<object>()({
  name: 'merge_pending_texts',
  isPlannedEachTime: true,
  text: 'select gin_clean_pending_list(to_regclass($1))',
  values: (index: string) => [index],
});
