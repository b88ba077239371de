import type { Sql } from '../database/database.ts';
import { idPrefix, newIdSql, payloadVersion } from '../dispatch/payload.ts';
import { templateIds } from '../templates/model.ts';
import type { CheckedNotification } from './input.ts';
import { stampNew } from './versions.ts';

/** A row but for what the database decides. */
export interface Draft {
  readonly item: CheckedNotification;
  readonly uuid: string;
}

/** What the database decided. */
export interface Stored {
  readonly id: number;
  readonly uuid: string;
  readonly version: number;
  readonly template_id: string | null;
}

/** That e-mails are enqueued with the rows. */
export interface Mail {
  /** Who makes them, for the log of deliveries. */
  readonly createdBy: string;
}

/** The one statement that stores the drafts and gives `Stored` for each. */
export function insertStatement(
  drafts: readonly Draft[],
  now: Date,
  { hasIds, mail }: { readonly hasIds: boolean; readonly mail: Mail | undefined },
): Sql {
  const [draft] = drafts;
  const timestamp = now.toISOString();
  const ofMail = mail === undefined ? [] : [idPrefix(now), mail.createdBy, mailPayload];
  if (draft !== undefined && drafts.length === 1 && !hasIds) {
    const { uuid, item } = draft;
    const { recipient, sender, status, subject, message, collection } = item;
    const values = [uuid, recipient, sender, status, timestamp, subject, message, collection, item.item];
    return mail === undefined
      ? { name: 'insert_notification', text: insertOne, values }
      : { name: 'insert_notification_and_mail', text: insertOneAndMail, values: [...values, ...ofMail] };
  }
  const values = [
    drafts.map(({ uuid }) => uuid),
    drafts.map(({ item }) => item.recipient),
    drafts.map(({ item }) => item.sender),
    drafts.map(({ item }) => item.status),
    timestamp,
    drafts.map(({ item }) => item.subject),
    drafts.map(({ item }) => item.message),
    drafts.map(({ item }) => item.collection),
    drafts.map(({ item }) => item.item),
    ...(hasIds ? [drafts.map(({ item }) => item.id)] : []),
    ...ofMail,
  ];
  const name = `insert_notifications${hasIds ? '_with_ids' : ''}${mail === undefined ? '' : '_and_mail'}`;
  return { name, text: insertMany[`${hasIds}-${mail !== undefined}`], values };
}

// A notification that a person made has the template of such on the faces that know templates; null until it is there.
const template = `(select id from templates where id = '${templateIds.custom}')`;

const mailPayload = JSON.stringify({
  _version: payloadVersion,
  notification_name: 'Custom Notification',
  notification_template_id: templateIds.custom,
  actions: [],
  labels: {},
  data: null,
  targets: [],
});

const returned = 'id, uuid, version, template_id';

/** @param first the place of the first parameter of the mail */
const withMail = (insert: string, first: number) => `
  stored as (
    ${insert}
    returning ${returned}, recipient_id, subject, message
  ),
  mailed as (
    insert into deliveries (id, template_id, user_id, notification_id, method, own_payload, created_by)
    select ${newIdSql(`$${first}`)}, stored.template_id, users.id, stored.id, 'smtp',
           $${first + 2}::jsonb || jsonb_build_object(
             'written', jsonb_build_object('subject', stored.subject, 'message', stored.message)
           ),
           $${first + 1}
    from stored join users on users.id = stored.recipient_id
    where users.email_notifications and users.email <> ''
    returning id, method
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method) select id, method from mailed
  )
  select ${returned} from stored`;

// Taking versions and storing rows is one statement: the upsert locks the inboxes in the order all writers keep and
// adds to what they hold by then, so nothing in it depends on how old the statement's snapshot is.

const touchOne = `
  with touched as (
    insert into inboxes as inbox (recipient_id, version, unread, total)
    values ($2::uuid, 1, ($4 = 'inbox')::int, ($4 = 'inbox')::int)
    on conflict (recipient_id) do update
    set version = inbox.version + 1, unread = inbox.unread + excluded.unread, total = inbox.total + excluded.total
    returning version
  )`;

const storeOne = `
  insert into notifications
    (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, template_id,
     created_version, version)
  select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6, $7, $8, $9, ${template}, version, version
  from touched`;

const insertOne = `${touchOne} ${storeOne} returning ${returned}`;
const insertOneAndMail = `${touchOne}, ${withMail(storeOne, 10)}`;

const touchMany = (hasIds: boolean) => `
  with input as (
    select * from unnest(
      $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $6::text[], $7::text[], $8::text[], $9::text[]
      ${hasIds ? ', $10::bigint[]' : ''}
    ) with ordinality as input (
      uuid, recipient_id, sender_id, status, subject, message, collection, item ${hasIds ? ', id' : ''}, place
    )
  ), ${stampNew}`;

const storeMany = (hasIds: boolean) => `
  insert into notifications
    (${hasIds ? 'id, ' : ''}uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item,
     template_id, created_version, version)
  select ${hasIds ? `coalesce(id, nextval('notifications_id_seq')), ` : ''}uuid, recipient_id, sender_id, status,
         $5::timestamptz, subject, message, collection, item, ${template}, version, version
  from stamped order by place`;

const insertManyText = (hasIds: boolean, hasMail: boolean) =>
  hasMail
    ? `${touchMany(hasIds)}, ${withMail(storeMany(hasIds), hasIds ? 11 : 10)}`
    : `${touchMany(hasIds)} ${storeMany(hasIds)} returning ${returned}`;

const insertMany = {
  'false-false': insertManyText(false, false),
  'false-true': insertManyText(false, true),
  'true-false': insertManyText(true, false),
  'true-true': insertManyText(true, true),
} as const;
