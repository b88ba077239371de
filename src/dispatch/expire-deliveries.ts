import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../database/database.ts';
import { isPausedSql } from '../settings/read.ts';
import { expiredSinceSql } from './age.ts';
import { unsettledSql } from './lease.ts';
import { lowestId, lowestIdOfSql } from './payload.ts';

const batchSize = 5000;
const restMs = 20;

/** The status reason of deliveries that were not sent because they had waited too long. */
export const expiredReason = 'expired';

interface Expired {
  /** Number of expired deliveries by method; null if there are none. */
  readonly by_method: Readonly<Record<string, number>> | null;
  /** Id to continue from; null after the last row. */
  readonly last: string | null;
}

/**
 * Inhibits deliveries that have been in the queue for longer than `ttlMs`, not counting pauses; none while the notifier is
 * paused. Deliveries that are leased meanwhile are inhibited by the node that leased them.
 * @param onExpired called with the number of expired deliveries of a method
 */
export async function expireDeliveries(
  db: Queryable,
  ttlMs: number,
  { onExpired, signal }: { readonly onExpired: (method: string, count: number) => void; readonly signal: AbortSignal },
): Promise<void> {
  for (let after = lowestId; ; ) {
    const [expired] = await db.query<Expired>({
      name: 'expire_deliveries',
      text: expireText,
      values: [ttlMs, after, batchSize],
    });
    for (const [method, count] of Object.entries(expired?.by_method ?? {})) onExpired(method, count);
    const last = expired?.last ?? null;
    if (last === null) return;
    after = last;
    await delay(restMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

// Ids begin with their creation time, so a range of the queue's key holds all deliveries that may have expired.
const expireText = `
  with since as materialized (
    select ${expiredSinceSql('$1')} as moment where not ${isPausedSql}
  ),
  looked as materialized (
    select delivery_id as id from queued_deliveries
    where delivery_id > $2::uuid and delivery_id <= (select ${lowestIdOfSql('moment')} from since)
    order by delivery_id limit $3
  ),
  old as materialized (
    select delivery_id as id from queued_deliveries
    where delivery_id = any (array(select id from looked))
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
         (select id from looked order by id offset $3::int - 1 limit 1) as last`;
