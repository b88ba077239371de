import type { ExpiryPart } from '../../notifications/sql/expiry-part.ts';
import { expiredReason } from '../delivery-status.ts';
import { unsettledSql } from './fragments.ts';

/**
 * Part of the statements that expire notifications: inhibits the queued deliveries about them. A notification that came
 * by a delivery has its id, and shares its payload with the recipient's other deliveries of the same message. Leased
 * deliveries are left to the node that sends them, which reads the expiry from the payload.
 */
export const inhibitExpired: ExpiryPart = {
  name: 'inhibit',
  text: `about as materialized (
    select deliveries.id from expired join deliveries on deliveries.notification_id = expired.id
    where deliveries.status in ${unsettledSql}
    union
    select others.id
    from expired
    join deliveries as own on own.id = expired.uuid
    join deliveries as others on others.user_id = own.user_id and others.payload_id = own.payload_id
    where others.status in ${unsettledSql}
  ),
  waiting as materialized (
    select delivery_id from queued_deliveries
    where delivery_id = any (array(select id from about))
    for update skip locked
  ),
  taken as (
    delete from queued_deliveries where delivery_id = any (array(select delivery_id from waiting)) returning delivery_id
  ),
  inhibited as (
    update deliveries
    set status = 'inhibited', status_reason = '${expiredReason}', next_retry_after = null, updated_at = now()
    where id = any (array(select delivery_id from taken)) and status in ${unsettledSql}
  )`,
};
