import type { Sql } from '../../database/sql.ts';
import {
  type Created,
  type CreatePart,
  customTemplate,
  type Draft,
  oncePerPart,
  suffixOf,
  withPart,
} from './create-part.ts';

// Taking a version and storing the row is one statement: the upsert locks the inbox and adds to its current values, so
// nothing depends on the age of the statement's snapshot.
const touch = `
  with touched as (
    insert into inboxes as inbox (recipient_id, version, unread, total)
    values ($2::uuid, 1, ($4 = 'inbox')::int, ($4 = 'inbox')::int)
    on conflict (recipient_id) do update
    set version = inbox.version + 1, unread = inbox.unread + excluded.unread, total = inbox.total + excluded.total
    returning version
  )`;

const store = `
  insert into notifications
    (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, template_id,
     archived_at, expires_at, on_expiry, created_version, version)
  select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6, $7, $8, $9, ${customTemplate},
         case when $4 = 'archived' then $5::timestamptz end, $10::timestamptz, $11, version, version
  from touched`;

const textWith = oncePerPart((part) => withPart(touch, store, part, 12));

/**
 * Stores one notification without a given id and returns `Stored`. The invariant: version, counts and row are stored by
 * one statement. Separate from `insertNotifications`, because arrays and window functions would make storing a single
 * row slower (bench `graphql-create-one`).
 */
export function insertNotification({ uuid, item }: Draft, created: Created, part: CreatePart | undefined): Sql {
  const { recipient, sender, status, subject, message, collection } = item;
  const timestamp = created.at.toISOString();
  return {
    name: `insert_notification${suffixOf(part)}`,
    text: textWith(part),
    values: [
      uuid,
      recipient,
      sender,
      status,
      timestamp,
      subject,
      message,
      collection,
      item.item,
      item.expires_at,
      item.on_expiry,
      ...(part?.values(created) ?? []),
    ],
  };
}
