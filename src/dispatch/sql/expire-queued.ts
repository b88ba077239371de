import { statement } from '../../database/statement.ts';
import { isPausedSql } from '../../settings/sql/is-paused.ts';
import { expiredReason } from '../delivery-status.ts';
import { expiredSinceSql, lowestIdOfSql, unsettledSql } from './fragments.ts';

/** The result of one step of expiring. */
export interface ExpiredStep {
  /** Number of expired deliveries by method; null if there are none. */
  readonly by_method: Readonly<Record<string, number>> | null;
  /** Id to continue from; null after the last row. */
  readonly last: string | null;
}

/**
 * Expires queued deliveries that have waited too long: one step through the primary key of the queue. Ids begin with
 * their creation time, so a range of the key holds all deliveries that may have expired. The invariant: a delivery
 * leaves the queue in the statement that makes its status final.
 */
export const expireQueued = statement<ExpiredStep>()({
  name: 'expire_deliveries',
  text: `
  with since as materialized (
    select ${expiredSinceSql('$1')} as moment where not ${isPausedSql}
  ),
  scanned as materialized (
    select delivery_id as id from queued_deliveries
    where delivery_id > $2::uuid and delivery_id <= (select ${lowestIdOfSql('moment')} from since)
    order by delivery_id limit $3
  ),
  old as materialized (
    select delivery_id as id from queued_deliveries
    where delivery_id = any (array(select id from scanned))
      and (
        select coalesce(retried_at, created_at) from deliveries where id = delivery_id
      ) <= (select moment from since)
    for update skip locked
  ),
  taken as (
    delete from queued_deliveries where delivery_id = any (array(select id from old)) returning delivery_id
  ),
  expired as (
    update deliveries
    set status = 'inhibited', status_reason = '${expiredReason}', next_retry_after = null, updated_at = now()
    where id = any (array(select delivery_id from taken)) and status in ${unsettledSql}
    returning method
  )
  select (
           select jsonb_object_agg(method, number)
           from (select method, count(*) as number from expired group by method) as counted
         ) as by_method,
         (select id from scanned order by id offset $3::int - 1 limit 1) as last`,
  values: (ttlMs: number, after: string, count: number) => [ttlMs, after, count],
});
