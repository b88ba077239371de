import { statement } from '../../database/statement.ts';
import { unsettledSql } from './fragments.ts';
import { type PurgedStep, purgeLock, purgeResult, purgeValues, scannedIds } from './purge-fragments.ts';

/**
 * Deletes old deliveries with a final status: one step through the primary key. A delivery that a request retries at
 * the same time is kept, because it is locked or no longer has a final status.
 */
export const purgeDeliveryStep = statement<PurgedStep>()({
  name: 'purge_deliveries',
  text: `
  with ${purgeLock},
  ${scannedIds('deliveries')},
  old as materialized (
    select id from deliveries
    where id = any (array(select id from scanned)) and status not in ${unsettledSql}
      and coalesce(updated_at, created_at) < now() - $2::int * interval '1 day'
    for update skip locked
  ),
  deleted as (
    delete from deliveries where id = any (array(select id from old)) returning 1
  )
  ${purgeResult}`,
  values: purgeValues,
});
