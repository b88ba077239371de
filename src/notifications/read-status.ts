import { MovedRowError } from '../database/faults.ts';
import { forbidden } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { ownerScope } from './access.ts';
import type { WriteContext } from './context.ts';
import { notificationKey } from './input.ts';
import type { Notification, NotificationId } from './model.ts';
import { retryMoved } from './versions.ts';

/** The marked notification, and the counts of the viewer's own inbox afterwards. */
export interface ReadStatusSet {
  readonly notification: Notification;
  /** Number of unread notifications in the viewer's own inbox, whoever the recipient of the marked notification is. */
  readonly unread: number;
  /** Number of all notifications in that inbox. */
  readonly total: number;
}

/**
 * Marks one notification as read now, even if it was read before, or as unread. `key` is the integer key or the UUID.
 * Idempotent, except that every call takes a version.
 * @throws ServiceError FORBIDDEN when the notification does not exist, or when the viewer may not change it.
 */
export async function setReadStatus(
  { prisma, bus, viewer, now }: WriteContext,
  key: NotificationId | string,
  isRead: boolean,
): Promise<ReadStatusSet> {
  const owner = ownerScope(viewer);
  // `ownerScope` has refused anonymous viewers.
  const caller = viewer.kind === 'user' ? viewer.id : null;
  const uuid = parseUuid(key);
  const wanted = { key: uuid ?? notificationKey(key), owner, isRead, now: now(), caller };

  const { from, caller_unread, caller_total, ...notification } = await retryMoved(async () => {
    const [marked] =
      uuid === null
        ? await prisma.notification.setReadStatusById(wanted)
        : await prisma.notification.setReadStatusByUuid(wanted);
    if (marked === undefined) throw forbidden();
    if (marked.id === null) throw new MovedRowError();
    return marked;
  });

  const { id, recipient_id: recipient, version: to } = notification;
  bus.publish([{ recipient, from, to, updated: [id] }]);
  return { notification, unread: caller_unread, total: caller_total };
}
