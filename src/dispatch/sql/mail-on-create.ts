import type { CreatePart } from '../../notifications/sql/create-part.ts';
import { templateIds } from '../../templates/model.ts';
import { idPrefix, payloadVersion } from '../payload.ts';
import { newIdSql } from './fragments.ts';

const payload = JSON.stringify({
  _version: payloadVersion,
  notification_name: 'Custom Notification',
  notification_template_id: templateIds.custom,
  actions: [],
  labels: {},
  data: null,
  targets: [],
});

/**
 * Part of the create statement: enqueues an e-mail for each created notification whose recipient has an address and
 * wants e-mails. The invariant: an e-mail is stored in the transaction that creates its notification.
 */
export const mailOnCreate: CreatePart = {
  name: 'mail',
  text: (first) => `mailed as (
    insert into deliveries (id, template_id, user_id, notification_id, method, own_payload, created_by, traceparent)
    select ${newIdSql(`$${first}`)}, stored.template_id, users.id, stored.id, 'smtp',
           $${first + 2}::jsonb || jsonb_build_object(
             'written', jsonb_build_object('subject', stored.subject, 'message', stored.message)
           ) || case when stored.expires_at is null then '{}'::jsonb
                     else jsonb_build_object('expires_at', stored.expires_at) end,
           $${first + 1}, $${first + 3}
    from stored join users on users.id = stored.recipient_id
    where users.email_notifications and users.email <> ''
    returning id, method
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method) select id, method from mailed
  )`,
  values: ({ by, at, span }) => [idPrefix(at), by, payload, span?.traceparent ?? null],
};
