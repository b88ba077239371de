import { v7 as uuid } from 'uuid';
import { isForeignKeyFault, isTransientFault, isUniqueFault, retry } from '../database/faults.ts';
import { recordNotUnique } from '../errors.ts';
import type { WriteContext } from './context.ts';
import { assertKeysFree, assertUsersExist } from './faults.ts';
import type { CheckedNotification } from './input.ts';
import { type Notification, notificationsCollection } from './model.ts';
import type { VersionRange } from './ranges.ts';
import { moveSequencePast, skipTakenKeys } from './sequence.ts';
import type { Created, CreatePart, Draft, Stored } from './sql/create-part.ts';
import { insertNotification } from './sql/insert-notification.ts';
import { insertNotifications as insertMany } from './sql/insert-notifications.ts';

/** The rows of a write, in the order of the input, and the versions that it took. */
export interface Inserted {
  readonly rows: readonly Notification[];
  readonly ranges: readonly VersionRange[];
}

const attempts = 3;

/** The part of a context that storing needs. */
type Store = Pick<WriteContext, 'prisma'>;

/**
 * Stores notifications in one statement, all or none, together with the rows that `part` inserts. Each takes the next
 * version of its recipient's inbox, which is created if it is missing.
 * @throws ServiceError INVALID_FOREIGN_KEY for an unknown recipient or sender, RECORD_NOT_UNIQUE for a taken id.
 */
export async function insertNotifications(
  store: Store,
  items: readonly CheckedNotification[],
  created: Created,
  part?: CreatePart,
): Promise<Inserted> {
  const givenIds = items.flatMap(({ id }) => (id === null ? [] : [id]));
  refuseDuplicates(givenIds);
  // The sequence is moved before the rows are stored, so that it cannot yield one of these keys to another writer.
  if (givenIds.length > 0) await moveSequencePast(store.prisma, givenIds);

  const drafts = items.map((item): Draft => ({ item, uuid: uuid() }));
  const timestamp = created.at.toISOString();
  const hasIds = givenIds.length > 0;
  const [draft] = drafts;
  const sql =
    draft !== undefined && drafts.length === 1 && !hasIds
      ? insertNotification(draft, created, part)
      : insertMany(drafts, created, { hasIds, part });
  return retry(async () => inserted(drafts, await store.prisma.notification.insert(sql), timestamp), {
    attempts,
    mayRetry: (error) => mayRetry(store, error, items, givenIds),
  });
}

/** Returns whether a retry may succeed. @throws ServiceError for an error that the caller's input caused. */
async function mayRetry(
  { prisma }: Store,
  error: unknown,
  items: readonly CheckedNotification[],
  givenIds: readonly number[],
): Promise<boolean> {
  if (isForeignKeyFault(error)) {
    const senders = items.flatMap(({ sender }) => (sender === null ? [] : [sender]));
    await assertUsersExist(prisma, { recipients: items.map(({ recipient }) => recipient), senders });
    return true;
  }
  if (isUniqueFault(error, 'notifications_pkey')) {
    await assertKeysFree(prisma, givenIds);
    await skipTakenKeys(prisma);
    return true;
  }
  return isTransientFault(error);
}

function refuseDuplicates(ids: readonly number[]): void {
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
    const { id, version, template_id } = row;
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
      subject_written: false,
      message: item.message,
      collection: item.collection,
      item: item.item,
      template_id,
      targets: [],
      icon: '',
      actions: [],
      saved_at: null,
      snoozed_until: null,
      archived_at: item.status === 'archived' ? timestamp : null,
      expires_at: item.expires_at,
      on_expiry: item.on_expiry,
      original_timestamp: null,
      shown_version: null,
      state_version: null,
      created_version: version,
      version,
    };
  });
  return { rows, ranges: [...ranges.values()] };
}
