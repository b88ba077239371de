import { forbidden } from '../errors.ts';
import { type AggregateRequest, type AggregateRow, aggregate } from '../query/aggregate.ts';
import { withCandidates } from '../query/candidates.ts';
import { countStatement, type ListArguments, listStatement, type QueryScope } from '../query/list.ts';
import { type PageArguments, type RowsPage, readPage } from '../query/page.ts';
import { withUserIdsInFilter } from '../user-keys/filter-keys.ts';
import { assertMayRead } from './access.ts';
import type { ReadContext } from './context.ts';
import { type Notification, type NotificationId, notificationsCollection } from './model.ts';

/** The scope of notifications for this viewer. */
export function notificationScope(context: ReadContext, keys?: readonly NotificationId[]): QueryScope {
  const { viewer, limits, usersCollection: users } = context;
  const scope = { collection: notificationsCollection, users, viewer, now: context.now(), limits };
  return keys === undefined ? scope : { ...scope, keys };
}

/**
 * The notifications the viewer may see, filtered, sorted and paged; only `columns` are filled in.
 * @throws ServiceError `INVALID_QUERY` or `FORBIDDEN` naming the invalid argument.
 */
export async function listNotifications(
  context: ReadContext,
  columns: readonly string[],
  given: ListArguments,
): Promise<Notification[]> {
  assertMayRead(context.viewer);
  const args = await withUserIdsInFilter(context.prisma, notificationScope(context), given);
  const scope = await withCandidates(context.prisma.notification, notificationScope(context), args);
  return context.prisma.notification.query<Notification>(listStatement(scope, columns, args));
}

/** A cursor page of the notifications the viewer may see. @throws like `listNotifications`. */
export async function pageOfNotifications(
  context: ReadContext,
  columns: readonly string[],
  given: PageArguments,
): Promise<RowsPage<Notification>> {
  assertMayRead(context.viewer);
  const args = await withUserIdsInFilter(context.prisma, notificationScope(context), given);
  const scope = await withCandidates(context.prisma.notification, notificationScope(context), args);
  return readPage(context.prisma.notification, scope, columns, args);
}

/**
 * The notifications with these keys that the viewer may see, by key.
 * @throws ServiceError FORBIDDEN for viewers who may not read even their own notifications.
 */
export async function notificationsByKey(
  context: ReadContext,
  keys: readonly NotificationId[],
  columns: readonly string[],
): Promise<ReadonlyMap<NotificationId, Notification>> {
  assertMayRead(context.viewer);
  const statement = listStatement(notificationScope(context, keys), [...new Set(['id', ...columns])], {});
  const rows = await context.prisma.notification.query<Notification>(statement);
  return new Map(rows.map((row) => [row.id, row]));
}

/** One notification; only `columns` are filled in. @throws `FORBIDDEN` also when it does not exist. */
export async function getNotification(
  context: ReadContext,
  id: NotificationId,
  columns: readonly string[],
): Promise<Notification> {
  assertMayRead(context.viewer);
  const scope = notificationScope(context, [id]);
  const [row] = await context.prisma.notification.query<Notification>(listStatement(scope, columns, { limit: 1 }));
  if (row === undefined) throw forbidden();
  return row;
}

/** The number of matching notifications the viewer may see, ignoring `limit` and paging. */
export async function countNotifications(
  context: ReadContext,
  given: Pick<ListArguments, 'filter' | 'search'>,
): Promise<number> {
  assertMayRead(context.viewer);
  const args = await withUserIdsInFilter(context.prisma, notificationScope(context), given);
  const scope = await withCandidates(context.prisma.notification, notificationScope(context), args, 'aggregate');
  const [row] = await context.prisma.notification.query<{ count: number }>(countStatement(scope, args));
  return row?.count ?? 0;
}

/** Aggregates over the notifications the viewer may see. @throws like `listNotifications`. */
export async function aggregateNotifications(
  context: ReadContext,
  request: AggregateRequest,
  given: ListArguments,
): Promise<AggregateRow[]> {
  assertMayRead(context.viewer);
  const args = await withUserIdsInFilter(context.prisma, notificationScope(context), given);
  const scope = await withCandidates(context.prisma.notification, notificationScope(context), args, 'aggregate');
  return aggregate(context.prisma.notification, scope, request, args);
}

/**
 * Returns a function that returns the rows of a write as the caller requested them: filtered, sorted and paged. To be
 * called before the write, so that invalid arguments prevent it.
 */
export async function prepareReread(
  context: ReadContext,
  columns: readonly string[],
  given: ListArguments,
): Promise<(written: readonly Notification[]) => Promise<Notification[]>> {
  const isPlain = Object.values(given).every((value) => value === undefined || value === null);
  if (isPlain) return async (written) => [...written].sort((a, b) => a.id - b.id);
  const args = await withUserIdsInFilter(context.prisma, notificationScope(context), given);
  listStatement(notificationScope(context, []), columns, args);
  return async (written) => {
    if (written.length === 0) return [];
    const keys = written.map(({ id }) => id);
    const limit = args.limit ?? keys.length;
    return context.prisma.notification.query<Notification>(
      listStatement(notificationScope(context, keys), columns, { ...args, limit }),
    );
  };
}
