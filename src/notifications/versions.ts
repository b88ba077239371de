import { isTransientFault, MovedRowError, retry } from '../database/faults.ts';
import { serviceUnavailable } from '../errors.ts';
import type { NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import type { NotificationMethods } from './sql/methods.ts';
import type { LockedInbox, Touched } from './sql/rows.ts';

/*
 * Changing and deleting take two statements in one transaction: the first locks the affected inboxes, the second
 * computes everything from a snapshot taken after the lock was acquired. A single statement cannot do both: its
 * snapshot would be older than the lock it waits for, and its counts outdated. A single statement is enough only if it
 * reads nothing but rows that it locks itself, because a lock returns the current row.
 */

/** The ranges to publish for a write. */
export function rangesOf(touched: readonly Touched[]): VersionRange[] {
  return touched.map(({ recipient_id, base, version, updated, deleted }) => ({
    recipient: recipient_id,
    from: base,
    to: version,
    ...(updated && { updated }),
    ...(deleted && { deleted }),
  }));
}

/** @throws MovedRowError when one of these notifications is in an inbox that is not locked. */
export async function assertNoneElsewhere(
  transaction: NotificationMethods,
  ids: readonly NotificationId[],
  locked: readonly LockedInbox[],
): Promise<void> {
  const elsewhere = await transaction.notification.findElsewhere(ids, recipientsOf(locked));
  if (elsewhere.length > 0) throw new MovedRowError();
}

export function recipientsOf(inboxes: readonly Pick<LockedInbox, 'recipient_id'>[]): string[] {
  return inboxes.map(({ recipient_id }) => recipient_id);
}

/**
 * Retries a whole write when its notifications were moved meanwhile, or PostgreSQL cancelled it because of a deadlock.
 * @throws ServiceError SERVICE_UNAVAILABLE when the retries are exhausted.
 */
export function retryMoved<Result>(work: () => Promise<Result>): Promise<Result> {
  return retry(work, {
    attempts: 5,
    mayRetry: (error) => error instanceof MovedRowError || isTransientFault(error),
    exhausted: () => serviceUnavailable('notifications', 'they are being moved between inboxes too often'),
  });
}
