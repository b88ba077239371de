import { may } from '../auth/rights.ts';
import type { Viewer } from '../auth/viewer.ts';
import { checkBatch } from '../checks.ts';
import { forbidden, invalidPayload } from '../errors.ts';
import { assertMayCreate, assertMayDelete, assertMayUpdate, ownerScope } from './access.ts';
import type { CreateContext, WriteContext } from './context.ts';
import {
  type CheckedChange,
  checkChange,
  checkNew,
  type NewNotification,
  type NotificationChange,
  notificationKey,
} from './input.ts';
import { insertNotifications } from './insert.ts';
import type { Notification, NotificationId } from './model.ts';
import { removeNotifications } from './remove.ts';
import { replaceUserKeys } from './replace-user-keys.ts';
import { type Changes, changeNotifications } from './update-rows.ts';

export { type NewNotification, type NotificationChange, notificationKey } from './input.ts';
export { type AllMarkedRead, markAllRead } from './mark-all-read.ts';
export { type ReadStatusSet, setReadStatus } from './read-status.ts';

/**
 * Creates notifications, all or none; returns rows in the order of the items. Anybody may pass an empty list. If mail
 * is configured, recipients who want e-mails get one each, sent afterwards.
 * @throws ServiceError FORBIDDEN unless the viewer may create notifications; the faults of the first invalid item;
 * INVALID_PAYLOAD for too many items; FAILED_VALIDATION for a recipient or sender that names no user or two;
 * INVALID_FOREIGN_KEY for a UUID that names no user; RECORD_NOT_UNIQUE for an existing id.
 */
export async function createNotifications(
  context: CreateContext,
  items: readonly NewNotification[],
): Promise<Notification[]> {
  if (items.length === 0) return [];
  const { viewer, now, bus, limits, dispatch, span } = context;
  assertMayCreate(viewer);
  checkBatch(items.length, limits.batchMax);
  const { mailOnCreate } = dispatch;
  const created = { by: viewerName(viewer), at: now(), span };
  const { rows, ranges } = await replaceUserKeys(context.prisma, items.map(checkNew), (named) =>
    insertNotifications(context, named, created, mailOnCreate),
  );
  bus.publish(ranges);
  if (mailOnCreate) dispatch.wake();
  return [...rows];
}

/**
 * Applies one change to many notifications, all or none; returns rows by ascending id. Ids unknown to an admin are
 * skipped. Every row takes a version, even if its values do not change.
 * @throws ServiceError FORBIDDEN when a member names a field other than `status`, no id, or an id that is unknown or
 * another recipient's; FAILED_VALIDATION, VALUE_TOO_LONG and INVALID_FOREIGN_KEY for invalid values; INVALID_PAYLOAD
 * for too many ids.
 */
export async function updateNotifications(
  context: WriteContext,
  ids: readonly NotificationId[],
  change: NotificationChange,
): Promise<Notification[]> {
  const { viewer, limits } = context;
  assertMayUpdate(viewer, givenFields(change));
  checkBatch(ids.length, limits.batchMax);
  const checked = checkChange(change);
  if (ids.length === 0 && !may(viewer, 'notifications.update_all')) throw forbidden();
  return applyChanges(
    context,
    [...new Set(ids)].map((id) => ({ id, index: 0 })),
    [checked],
  );
}

/**
 * Applies a separate change to each notification, all or none; returns rows by ascending id. If an id is given twice,
 * both changes are applied, the later one last. Rights and unknown ids as in `updateNotifications`.
 * @throws ServiceError INVALID_PAYLOAD for an item without `id`; else like `updateNotifications`.
 */
export async function updateNotificationsBatch(
  context: WriteContext,
  items: readonly (NotificationChange & { readonly id?: unknown })[],
): Promise<Notification[]> {
  const { viewer, limits } = context;
  const changes = items.map(({ id: _, ...change }) => change);
  assertMayUpdate(viewer, changes.flatMap(givenFields));
  checkBatch(items.length, limits.batchMax);
  const merged = new Map<NotificationId, CheckedChange>();
  items.forEach(({ id, ...change }, index) => {
    if (id === undefined || id === null) throw invalidPayload(`item ${index} has no "id"`);
    const key = notificationKey(id);
    merged.set(key, { ...merged.get(key), ...checkChange(change) });
  });
  return applyChanges(
    context,
    [...merged.keys()].map((id, index) => ({ id, index })),
    [...merged.values()],
  );
}

/**
 * Deletes notifications, all or none; unknown ids count as deleted, so a call may be repeated.
 * @throws ServiceError FORBIDDEN unless the viewer may delete notifications; INVALID_PAYLOAD for too many ids.
 */
export async function deleteNotifications(
  { prisma, viewer, now, bus, limits }: WriteContext,
  ids: readonly NotificationId[],
): Promise<void> {
  assertMayDelete(viewer);
  checkBatch(ids.length, limits.batchMax);
  if (ids.length === 0) return;
  bus.publish(await removeNotifications(prisma, [...new Set(ids)], now()));
}

async function applyChanges(
  context: WriteContext,
  targets: Changes['targets'],
  changes: readonly CheckedChange[],
): Promise<Notification[]> {
  const { prisma, viewer, now, bus } = context;
  if (targets.length === 0) return [];
  const owner = ownerScope(viewer);
  const { rows, ranges } = await replaceUserKeys(prisma, changes, (named) =>
    changeNotifications(prisma, { targets, changes: named, owner }, now(), (found) => {
      // For a member, the id of another recipient's notification counts as unknown, and one unknown id refuses the
      // whole write.
      if (!may(viewer, 'notifications.update_all') && found.length < targets.length) throw forbidden();
    }),
  );
  bus.publish(ranges);
  return [...rows];
}

function viewerName(viewer: Viewer): string {
  return viewer.kind === 'user' ? viewer.id : viewer.kind;
}

function givenFields(change: object): string[] {
  return Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}
