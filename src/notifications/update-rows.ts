import type { Context } from '../context.ts';
import type { Queryable } from '../database/database.ts';
import { findDangling, isForeignKeyFault } from './faults.ts';
import type { CheckedChange } from './input.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';
import type { VersionRange } from './ranges.ts';
import {
  assertNoneElsewhere,
  type LockedInbox,
  lockInboxesForMove,
  lockInboxesOf,
  Moved,
  retryMoved,
  stampSteps,
  uuids,
} from './versions.ts';

/** Which notifications to update, and with which of the `changes`. */
export interface Changes {
  /** Each id once; `index` is the position in `changes`, from 0. */
  readonly targets: readonly { readonly id: NotificationId; readonly index: number }[];
  readonly changes: readonly CheckedChange[];
  /** Only notifications of this recipient; null means any recipient. */
  readonly owner: string | null;
}

/** The rows after the update, by ascending id, and the version ranges it took. */
export interface Changed {
  readonly rows: readonly Notification[];
  readonly ranges: readonly VersionRange[];
}

/**
 * Updates all rows that exist, in one transaction that `finish` can still roll back by throwing. Every row takes a
 * version, even if its values do not change.
 * @throws ServiceError INVALID_FOREIGN_KEY for an unknown recipient or sender.
 */
export async function changeNotifications(
  { db }: Pick<Context, 'db'>,
  wanted: Changes,
  now: Date,
  finish: (rows: readonly Notification[]) => void,
): Promise<Changed> {
  const recipients = wanted.changes.flatMap(({ recipient }) => (recipient === undefined ? [] : [recipient]));
  const senders = wanted.changes.flatMap(({ sender }) => (sender === undefined || sender === null ? [] : [sender]));
  return retryMoved(async () => {
    try {
      return await db.transaction(async (transaction) => {
        const changed = await changeOnce(transaction, wanted, recipients, now);
        finish(changed.rows);
        return changed;
      });
    } catch (error) {
      if (!isForeignKeyFault(error)) throw error;
      await findDangling(db, { recipients, senders });
      // All named users exist, so the fault was caused by a concurrent delete of the old inbox's owner, or by a user
      // that was deleted and created again.
      throw new Moved();
    }
  });
}

/** A row after the update, with the inbox it left if it was moved. */
type ChangedRow = Notification & { readonly left_id: string | null };

async function changeOnce(
  transaction: Queryable,
  { targets, changes, owner }: Changes,
  recipients: readonly string[],
  now: Date,
): Promise<Changed> {
  const ids = targets.map(({ id }) => id);
  const locked =
    recipients.length === 0
      ? await lockInboxesOf(transaction, ids, owner)
      : await lockInboxesForMove(transaction, ids, recipients);
  if (locked.length === 0) return { rows: [], ranges: [] };
  const found = await transaction.query<ChangedRow>({
    name: 'change_notifications',
    text: changeText,
    values: [
      JSON.stringify(targets),
      JSON.stringify(changes),
      locked.map(({ recipient_id }) => recipient_id),
      now.toISOString(),
    ],
  });
  if (found.length < ids.length && owner === null) await assertNoneElsewhere(transaction, ids, locked);
  return { rows: found.map(({ left_id: _leftId, ...row }) => row), ranges: rangesTaken(locked, found) };
}

/**
 * An updated row takes one version; a moved row takes one in each inbox. In its new inbox it counts as created and is
 * also listed as updated, because the old inbox may be gone before the move is read.
 */
function rangesTaken(locked: readonly LockedInbox[], rows: readonly ChangedRow[]): VersionRange[] {
  const taken = new Map(
    locked.map(({ recipient_id }) => [recipient_id, { steps: 0, updated: [] as NotificationId[] }]),
  );
  for (const { id, recipient_id, left_id } of rows) {
    const inbox = taken.get(recipient_id);
    const left = left_id === null ? undefined : taken.get(left_id);
    if (inbox) inbox.steps += 1;
    if (left) left.steps += 1;
    inbox?.updated.push(id);
  }
  return locked.flatMap(({ recipient_id, version }) => {
    const { steps = 0, updated = [] } = taken.get(recipient_id) ?? {};
    return steps === 0
      ? []
      : [{ recipient: recipient_id, from: version, to: version + steps, ...(updated.length > 0 && { updated }) }];
  });
}

const columns = notificationColumns.map((column) => `n.${column}`).join(', ');

// Targets are passed as JSON for the same reason as in `bigints` and `uuids`: the planner does not estimate from their
// number.
const changeText = `
  with input as (
    select target.id, $2::jsonb -> target.index as patch
    from jsonb_to_recordset($1::jsonb) as target (id bigint, index int)
  ),
  old as materialized (
    select n.id, n.uuid, n.recipient_id, n.status, n.read_at, input.patch,
           coalesce((input.patch ->> 'recipient')::uuid, n.recipient_id) as new_recipient_id,
           coalesce(input.patch ->> 'status', n.status) as new_status
    from notifications n join input using (id)
    where n.recipient_id = any (${uuids('$3')})
  ),
  counted_rows as (
    select *,
           (status = 'inbox' and read_at is null)::int as unread, (status = 'inbox')::int as total,
           (new_status = 'inbox' and read_at is null)::int as new_unread, (new_status = 'inbox')::int as new_total
    from old
  ),
  steps as (
    select recipient_id, id,
           case when new_recipient_id = recipient_id then new_unread - unread else -unread end as unread,
           case when new_recipient_id = recipient_id then new_total - total else -total end as total
    from counted_rows
    union all
    select new_recipient_id, id, new_unread, new_total from counted_rows where new_recipient_id <> recipient_id
  ),
  ${stampSteps},
  buried as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select recipient_id, stamped.version, id, uuid, $4::timestamptz
    from old join stamped using (recipient_id, id)
    where old.new_recipient_id <> recipient_id
  ),
  changed as (
    update notifications n
    set recipient_id = old.new_recipient_id,
        status = old.new_status,
        timestamp = case when patch ? 'timestamp' then (patch ->> 'timestamp')::timestamptz else n.timestamp end,
        sender_id = case when patch ? 'sender' then (patch ->> 'sender')::uuid else n.sender_id end,
        subject = coalesce(patch ->> 'subject', n.subject),
        subject_written = n.subject_written or (patch ? 'subject' and n.template_id is not null),
        message = case when patch ? 'message' then patch ->> 'message' else n.message end,
        collection = case when patch ? 'collection' then patch ->> 'collection' else n.collection end,
        item = case when patch ? 'item' then patch ->> 'item' else n.item end,
        created_version = case when old.new_recipient_id = old.recipient_id then n.created_version
                               else stamped.version end,
        version = stamped.version
    from old join stamped on stamped.id = old.id and stamped.recipient_id = old.new_recipient_id
    where n.id = old.id
    returning ${columns}, nullif(old.recipient_id, n.recipient_id) as left_id
  )
  select * from changed order by id`;
