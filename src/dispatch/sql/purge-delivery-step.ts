import { statement } from '../../database/statement.ts';
import { unsettledSql } from './fragments.ts';
import { alone, counted, lookedAt, type PurgedStep, purgeValues } from './purge-fragments.ts';

/**
 * Deletes old deliveries with a final status: one step through the primary key. A delivery that is retried on request
 * meanwhile is either locked or no longer has a final status.
 */
export const purgeDeliveryStep = statement<PurgedStep>()({
  name: 'purge_deliveries',
  text: `
  with ${alone},
  ${lookedAt('deliveries')},
  old as materialized (
    select id from deliveries
    where id = any (array(select id from looked)) and status not in ${unsettledSql}
      and coalesce(updated_at, created_at) < now() - $2::int * interval '1 day'
    for update skip locked
  ),
  deleted as (
    delete from deliveries where id = any (array(select id from old)) returning 1
  )
  ${counted}`,
  values: purgeValues,
});
