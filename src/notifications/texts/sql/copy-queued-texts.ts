import { statement } from '../../../database/statement.ts';
import { joinedText, storeTexts } from './fragments.ts';

/**
 * Copies the texts of queued notifications to the index and deletes their queue entries. One statement, so that both
 * happen in one snapshot: a text that changes meanwhile has a new entry, which stays queued.
 */
export const copyQueuedTexts = statement<{
  readonly entries: number;
  readonly rows: number;
  readonly newest: number;
}>()({
  name: 'copy_queued_texts',
  text: `
  with taken as materialized (
    select key, ids from (
      select key, ids, sum(cardinality(ids)) over (order by key) - cardinality(ids) as rows_before
      from (select key, ids from notification_text_queue order by key limit $1::bigint) as first
    ) as counted
    where rows_before < $2::bigint
  ),
  removed as (
    delete from notification_text_queue where key = any (array(select key from taken))
  ),
  queued as materialized (
    select distinct unnest(ids) as id from taken
  ),
  found as materialized (
    select n.id, ${joinedText('n')} as text from queued cross join lateral (
      select * from notifications where id = queued.id limit 1
    ) as n
  ),
  written as (${storeTexts('found')}
  ),
  erased as (
    delete from notification_texts
    where id = any (array(select id from queued except select id from found))
  )
  select (select count(*) from taken) as entries, (select count(*) from queued) as rows,
         coalesce((select max(key) from notification_text_queue), 0) as newest`,
  values: (entries: number, rows: number) => [entries, rows],
});
