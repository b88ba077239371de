import type { Sql } from '../../database/sql.ts';
import { type ExpiryPart, type ExpiryRequest, expiredRows, expiryValues } from './expiry-part.ts';
import { stampSteps, stepIds } from './fragments.ts';

/**
 * Deletes the expired notifications of locked inboxes that are to be deleted, leaving tombstones, and returns `Touched`.
 * The invariant is that of `removeNotifications`.
 */
export function deleteExpired(request: ExpiryRequest, part: ExpiryPart): Sql {
  return {
    name: `delete_expired_and_${part.name}`,
    text: `
  with ${expiredRows(`on_expiry = 'delete'`)},
  ${stampSteps},
  removed as (delete from notifications where id in (select id from expired)),
  tombstones as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select recipient_id, stamped.version, id, uuid, $2 from expired join stamped using (recipient_id, id)
  ),
  ${part.text}
  select recipient_id, base, version, ${stepIds} as deleted from touched`,
    values: expiryValues(request),
  };
}
