import { statement } from '../../../database/statement.ts';
import { joinedText, storeTexts } from './fragments.ts';

/**
 * Copies the texts of rows above a key, in key order. One statement copies thousands of texts without sending them to
 * the node.
 */
export const copyOldTexts = statement<{ readonly rows: number; readonly last: number | null }>()({
  name: 'copy_old_texts',
  text: `
  with found as materialized (
    select n.id, ${joinedText('n')} as text from notifications n where n.id > $1::bigint order by n.id limit $2::bigint
  ),
  written as (${storeTexts('found')}
  )
  select count(*) as rows, max(id) as last from found`,
  values: (after: number, rows: number) => [after, rows],
});
