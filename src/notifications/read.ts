import { forbidden } from '../errors.ts';
import { type AggregateRequest, type AggregateRow, aggregate } from '../query/aggregate.ts';
import { withCandidates } from '../query/candidates.ts';
import { countStatement, type ListArguments, listStatement, type QueryScope } from '../query/list.ts';
import { type PageArguments, type RowsPage, readPage } from '../query/page.ts';
import { assertMayRead } from './access.ts';
import type { ReadContext } from './context.ts';
import { type Notification, type NotificationId, notificationsCollection } from './model.ts';

/** The query language's view of notifications for this caller. */
export function notificationScope(context: ReadContext, keys?: readonly NotificationId[]): QueryScope {
  const { viewer, limits, usersCollection: users } = context;
  const scope = { collection: notificationsCollection, users, viewer, now: context.now(), limits };
  return keys === undefined ? scope : { ...scope, keys };
}

/**
 * The notifications the caller may see, filtered, sorted and paged; only `columns` are filled in.
 * @throws ServiceError `INVALID_QUERY` or `FORBIDDEN` naming what is wrong with the arguments.
 */
export async function listNotifications(
  context: ReadContext,
  columns: readonly string[],
  args: ListArguments,
): Promise<Notification[]> {
  assertMayRead(context.viewer);
  const scope = await withCandidates(context.db, notificationScope(context), args);
  return context.db.query<Notification>(listStatement(scope, columns, args));
}

/** A page of the notifications the caller may see, by cursors. @throws as `listNotifications`. */
export async function pageOfNotifications(
  context: ReadContext,
  columns: readonly string[],
  args: PageArguments,
): Promise<RowsPage<Notification>> {
  assertMayRead(context.viewer);
  const scope = await withCandidates(context.db, notificationScope(context), args);
  return readPage(context.db, scope, columns, args);
}

/** Those of the notifications with these keys that the caller may see, by key. @throws as `getNotification`. */
export async function notificationsByKey(
  context: ReadContext,
  keys: readonly NotificationId[],
  columns: readonly string[],
): Promise<ReadonlyMap<NotificationId, Notification>> {
  assertMayRead(context.viewer);
  const statement = listStatement(notificationScope(context, keys), [...new Set(['id', ...columns])], {});
  const rows = await context.db.query<Notification>(statement);
  return new Map(rows.map((row) => [row.id, row]));
}

/** One notification, only `columns` filled in. @throws `FORBIDDEN` also when it does not exist. */
export async function getNotification(
  context: ReadContext,
  id: NotificationId,
  columns: readonly string[],
): Promise<Notification> {
  assertMayRead(context.viewer);
  const scope = notificationScope(context, [id]);
  const [row] = await context.db.query<Notification>(listStatement(scope, columns, { limit: 1 }));
  if (row === undefined) throw forbidden();
  return row;
}

/** How many notifications the caller may see that match; `limit` and paging do not count. */
export async function countNotifications(
  context: ReadContext,
  args: Pick<ListArguments, 'filter' | 'search'>,
): Promise<number> {
  assertMayRead(context.viewer);
  const scope = await withCandidates(context.db, notificationScope(context), args, 'figures');
  const [row] = await context.db.query<{ count: number }>(countStatement(scope, args));
  return row?.count ?? 0;
}

/** Figures over the notifications the caller may see. @throws as `listNotifications`. */
export async function aggregateNotifications(
  context: ReadContext,
  request: AggregateRequest,
  args: ListArguments,
): Promise<AggregateRow[]> {
  assertMayRead(context.viewer);
  const scope = await withCandidates(context.db, notificationScope(context), args, 'figures');
  return aggregate(context.db, scope, request, args);
}

/**
 * What a write answers when the caller asked to see its rows filtered, sorted or paged.
 * Made before the write, so that arguments that cannot be understood stop it.
 */
export function prepareReread(
  context: ReadContext,
  columns: readonly string[],
  args: ListArguments,
): (written: readonly Notification[]) => Promise<Notification[]> {
  const isPlain = Object.values(args).every((value) => value === undefined || value === null);
  if (isPlain) return async (written) => [...written].sort((a, b) => a.id - b.id);
  listStatement(notificationScope(context, []), columns, args);
  return async (written) => {
    if (written.length === 0) return [];
    const keys = written.map(({ id }) => id);
    const limit = args.limit ?? keys.length;
    return context.db.query<Notification>(listStatement(notificationScope(context, keys), columns, { ...args, limit }));
  };
}
