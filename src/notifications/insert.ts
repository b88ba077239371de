import { v7 as uuid } from 'uuid';
import type { Database, Sql } from '../database/database.ts';
import { recordNotUnique } from '../errors.ts';
import type { VersionRange } from '../live/bus.ts';
import { findDangling, findTaken, isForeignKeyFault, isTakenKeyFault, isTransientFault } from './faults.ts';
import type { CheckedNotification } from './input.ts';
import { type Notification, notificationsCollection } from './model.ts';
import { moveSequencePast, skipTakenKeys } from './sequence.ts';

/** The rows of a write, in the order they were given, and the versions it took. */
export interface Inserted {
  readonly rows: readonly Notification[];
  readonly ranges: readonly VersionRange[];
}

/** A row but for what the database decides. */
interface Draft {
  readonly item: CheckedNotification;
  readonly uuid: string;
}

interface Stored {
  readonly id: number;
  readonly uuid: string;
  readonly version: number;
}

const attempts = 3;

/**
 * Stores all of them or none, each with the next versions of its recipient's inbox, which is made when missing.
 * @throws ServiceError INVALID_FOREIGN_KEY for an unknown recipient or sender, RECORD_NOT_UNIQUE for a taken id.
 */
export async function insertNotifications(
  db: Database,
  items: readonly CheckedNotification[],
  now: Date,
): Promise<Inserted> {
  const givenIds = items.flatMap(({ id }) => (id === null ? [] : [id]));
  refuseTwice(givenIds);
  // Before the rows are there, so that no automatic key can meet them.
  if (givenIds.length > 0) await moveSequencePast(db, givenIds);

  const drafts = items.map((item): Draft => ({ item, uuid: uuid() }));
  const timestamp = now.toISOString();
  const sql = statementFor(drafts, timestamp, givenIds.length > 0);
  for (let attempt = 1; ; attempt++) {
    try {
      return inserted(drafts, await db.query<Stored>(sql), timestamp);
    } catch (error) {
      if (!(await mayRetry(db, error, items, givenIds)) || attempt === attempts) throw error;
    }
  }
}

/** Translates a fault of the caller's into an error of ours; says whether any other one may be gone next time. */
async function mayRetry(
  db: Database,
  error: unknown,
  items: readonly CheckedNotification[],
  givenIds: readonly number[],
): Promise<boolean> {
  if (isForeignKeyFault(error)) {
    const senders = items.flatMap(({ sender }) => (sender === null ? [] : [sender]));
    await findDangling(db, { recipients: items.map(({ recipient }) => recipient), senders });
    return true;
  }
  if (isTakenKeyFault(error)) {
    await findTaken(db, givenIds);
    await skipTakenKeys(db);
    return true;
  }
  return isTransientFault(error);
}

function refuseTwice(ids: readonly number[]): void {
  const seen = new Set<number>();
  for (const id of ids) {
    if (seen.has(id)) throw recordNotUnique(notificationsCollection.name, 'id', id);
    seen.add(id);
  }
}

function inserted(drafts: readonly Draft[], stored: readonly Stored[], timestamp: string): Inserted {
  const byUuid = new Map(stored.map((row) => [row.uuid, row]));
  const ranges = new Map<string, { recipient: string; from: number; to: number }>();
  const rows = drafts.map(({ item, uuid }): Notification => {
    const row = byUuid.get(uuid);
    if (row === undefined) throw new Error('An inserted notification was not returned.');
    const { id, version } = row;
    const range = ranges.get(item.recipient);
    if (range === undefined) ranges.set(item.recipient, { recipient: item.recipient, from: version - 1, to: version });
    else range.to = version;
    return {
      id,
      uuid,
      recipient_id: item.recipient,
      sender_id: item.sender,
      status: item.status,
      read_at: null,
      timestamp,
      subject: item.subject,
      message: item.message,
      collection: item.collection,
      item: item.item,
      template_id: null,
      targets: [],
      icon: '',
      actions: [],
      created_version: version,
      version,
    };
  });
  return { rows, ranges: [...ranges.values()] };
}

function statementFor(drafts: readonly Draft[], timestamp: string, hasIds: boolean): Sql {
  const [draft] = drafts;
  if (draft !== undefined && drafts.length === 1 && !hasIds) {
    const { uuid, item } = draft;
    const { recipient, sender, status, subject, message, collection } = item;
    const values = [uuid, recipient, sender, status, timestamp, subject, message, collection, item.item];
    return { name: 'insert_notification', text: insertOne, values };
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
  ];
  if (!hasIds) return { name: 'insert_notifications', text: insertMany, values };
  return {
    name: 'insert_notifications_with_ids',
    text: insertManyWithIds,
    values: [...values, drafts.map(({ item }) => item.id)],
  };
}

// Taking versions and storing rows is one statement: the upsert locks the inboxes in the order all writers keep and
// adds to what they hold by then, so nothing in it depends on how old the statement's snapshot is.

const insertOne = `
  with touched as (
    insert into inboxes as inbox (recipient_id, version, unread, total)
    values ($2::uuid, 1, ($4 = 'inbox')::int, ($4 = 'inbox')::int)
    on conflict (recipient_id) do update
    set version = inbox.version + 1, unread = inbox.unread + excluded.unread, total = inbox.total + excluded.total
    returning version
  )
  insert into notifications
    (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, created_version, version)
  select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6, $7, $8, $9, version, version from touched
  returning id, uuid, version`;

const insertManyText = (hasIds: boolean) => `
  with input as (
    select * from unnest(
      $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $6::text[], $7::text[], $8::text[], $9::text[]
      ${hasIds ? ', $10::bigint[]' : ''}
    ) with ordinality as input (
      uuid, recipient_id, sender_id, status, subject, message, collection, item ${hasIds ? ', id' : ''}, place
    )
  ),
  touched as (
    insert into inboxes as inbox (recipient_id, version, unread, total)
    select recipient_id, count(*), count(*) filter (where status = 'inbox'), count(*) filter (where status = 'inbox')
    from input group by recipient_id order by recipient_id
    on conflict (recipient_id) do update
    set version = inbox.version + excluded.version,
        unread = inbox.unread + excluded.unread,
        total = inbox.total + excluded.total
    returning recipient_id, version
  ),
  stamped as (
    select input.*,
           touched.version - count(*) over (partition by recipient_id)
             + row_number() over (partition by recipient_id order by place) as version
    from input join touched using (recipient_id)
  )
  insert into notifications
    (${hasIds ? 'id, ' : ''}uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item,
     created_version, version)
  select ${hasIds ? `coalesce(id, nextval('notifications_id_seq')), ` : ''}uuid, recipient_id, sender_id, status,
         $5::timestamptz, subject, message, collection, item, version, version
  from stamped order by place
  returning id, uuid, version`;

const insertMany = insertManyText(false);
const insertManyWithIds = insertManyText(true);
