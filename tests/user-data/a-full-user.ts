import { v7 as uuid } from 'uuid';
import type { Database } from '../../src/database/database.ts';

/** A text that is in every column of the user that can hold one, and nowhere else. */
export const marker = 'marker-of-the-user';

/** The columns of a row, without those that PostgreSQL fills. */
type Row = Readonly<Record<string, unknown>>;

async function insert(db: Database, table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  await db.query({
    text: `insert into ${table} (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    values: Object.values(row),
  });
}

/**
 * A user with rows in every table that can hold some, next to another user; returns the ids. The other user sent and
 * received a notification, so both have an inbox.
 */
export async function aFullUser(db: Database): Promise<{ readonly user: string; readonly other: string }> {
  const [user, other, template] = [uuid(), uuid(), uuid()];
  // The ids of a payload and of its deliveries begin with the same time.
  const msecs = Date.now();
  const [shared, own] = [uuid({ msecs }), uuid({ msecs })];
  const time = '2026-11-30T12:00:00.000Z';
  const later = '2126-11-30T12:00:00.000Z';
  await insert(db, 'users', { id: other, first_name: 'Other' });
  await insert(db, 'users', {
    id: user,
    external_id: marker,
    email: `${marker}@example.com`,
    username: marker,
    first_name: marker,
    last_name: marker,
    title: marker,
    location: marker,
    description: marker,
    avatar: user,
    language: marker,
    timezone: 'Europe/Berlin',
    last_access: time,
    password_hash: `secret ${marker}`,
    sessions_revoked_at: time,
    suspended_at: time,
  });
  await insert(db, 'user_identities', { issuer: 'https://id.example.com', subject: marker, user_id: user });
  const secret = Buffer.from(`secret ${marker}`);
  await insert(db, 'access_tokens', { id: uuid(), user_id: user, sha256: secret, name: marker, scopes: 'inbox' });
  await insert(db, 'sessions', {
    id: uuid(),
    user_id: user,
    sha256: secret,
    previous_sha256: secret,
    previous_until: later,
    ip: marker,
    user_agent: marker,
    expires_at: later,
  });
  await insert(db, 'templates', { id: template, name: template, title_template: 'Title', body_template: 'Body' });
  await insert(db, 'preferences', { user_id: user, template_id: template, disabled: true });
  await insert(db, 'choices', { user_id: user, template_id: template, channel: 'smtp', is_on: false });
  await insert(db, 'quiet_hours', {
    user_id: user,
    windows: JSON.stringify([{ note: marker }]),
    breakthrough: [marker],
  });
  for (const recipient_id of [user, other]) {
    await insert(db, 'inboxes', { recipient_id, version: 2, unread: 1, total: 1 });
  }
  const notification = { collection: 'orders', created_version: 2, version: 2 };
  const received = { ...notification, recipient_id: user, message: marker, item: marker, icon: marker };
  await insert(db, 'notifications', {
    ...received,
    uuid: uuid(),
    sender_id: other,
    subject: marker,
    template_id: template,
    targets: [user],
    actions: JSON.stringify([{ label: marker, url: `https://example.com/${marker}` }]),
  });
  await insert(db, 'notifications', {
    ...notification,
    uuid: uuid(),
    recipient_id: other,
    sender_id: user,
    subject: 'Sent by the user',
  });
  await insert(db, 'inbox_operations', {
    id: uuid(),
    recipient_id: user,
    action: 'read',
    base: 2,
    ...Object.fromEntries(
      ['ids', 'read_at', 'saved_at', 'status', 'snoozed_until', 'archived_at', 'shown_version'].map((name) => [
        name,
        [],
      ]),
    ),
  });
  await insert(db, 'notification_tombstones', { recipient_id: user, version: 1, id: 1_000_000, uuid: uuid() });
  await db.query({
    text: `insert into notification_texts (id, text) select id, subject from notifications where recipient_id = $1`,
    values: [user],
  });
  // The first payload is of this user only; the second one is shared with the other user.
  await insert(db, 'payloads', { id: own, content: JSON.stringify({ labels: { name: marker } }) });
  await insert(db, 'payloads', { id: shared, content: JSON.stringify({ labels: { name: 'shared' } }) });
  const delivery = { method: 'smtp', template_id: template, created_at: time };
  const ofUser = { ...delivery, user_id: user, status_reason: marker, created_by: other, targets: [user] };
  const ids = [1, 2, 3].map(() => uuid({ msecs }));
  await insert(db, 'deliveries', {
    ...ofUser,
    id: ids[0],
    payload_id: own,
    own_payload: JSON.stringify({ a: marker }),
  });
  await insert(db, 'deliveries', { ...ofUser, id: ids[1], payload_id: shared, dedupe_hash: marker });
  await insert(db, 'deliveries', { ...delivery, id: ids[2], user_id: other, payload_id: shared, created_by: user });
  for (const id of ids) await insert(db, 'queued_deliveries', { delivery_id: id, method: 'smtp' });
  await insert(db, 'idempotency_keys', { user_id: user, key: marker, request: secret, status: 200, answer: marker });
  await insert(db, 'audit_log', { id: uuid(), actor: other, action: 'export_user', user_id: user });
  return { user, other };
}
