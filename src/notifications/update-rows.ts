import { isForeignKeyFault, MovedRowError } from '../database/faults.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { assertUsersExist } from './faults.ts';
import type { CheckedChange } from './input.ts';
import type { Notification, NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import type { ChangedRow, ChangeTarget } from './sql/change-notifications.ts';
import type { NotificationMethods } from './sql/methods.ts';
import type { LockedInbox } from './sql/rows.ts';
import { assertNoneElsewhere, recipientsOf, retryMoved } from './versions.ts';

/** Which notifications to update, and with which of the `changes`. */
export interface Changes {
  /** Each id once; `index` is the position in `changes`, from 0. */
  readonly targets: readonly ChangeTarget[];
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
  prisma: ServicePrisma<NotificationMethods>,
  wanted: Changes,
  now: Date,
  finish: (rows: readonly Notification[]) => void,
): Promise<Changed> {
  const recipients = wanted.changes.flatMap(({ recipient }) => (recipient === undefined ? [] : [recipient]));
  const senders = wanted.changes.flatMap(({ sender }) => (sender === undefined || sender === null ? [] : [sender]));
  return retryMoved(async () => {
    try {
      return await prisma.$statements(async (transaction) => {
        const changed = await changeOnce(transaction, wanted, recipients, now);
        finish(changed.rows);
        return changed;
      });
    } catch (error) {
      if (!isForeignKeyFault(error)) throw error;
      await assertUsersExist(prisma, { recipients, senders });
      // All named users exist, so the fault was caused by a concurrent delete of the old inbox's owner, or by a user
      // that was deleted and created again.
      throw new MovedRowError();
    }
  });
}

async function changeOnce(
  transaction: NotificationMethods,
  { targets, changes, owner }: Changes,
  recipients: readonly string[],
  now: Date,
): Promise<Changed> {
  const ids = targets.map(({ id }) => id);
  const locked =
    recipients.length === 0
      ? await transaction.inbox.lockOf(ids, owner)
      : await transaction.inbox.lockForMove(ids, recipients);
  if (locked.length === 0) return { rows: [], ranges: [] };
  const found = await transaction.notification.change(targets, changes, recipientsOf(locked), now);
  if (found.length < ids.length && owner === null) await assertNoneElsewhere(transaction, ids, locked);
  return { rows: found.map(({ left_id: _leftId, ...row }) => row), ranges: rangesTaken(locked, found) };
}

/**
 * An updated row takes one version; a moved row takes one in each inbox. In its new inbox it counts as created and is
 * also listed as updated, because the old inbox may be deleted before the move is read.
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
