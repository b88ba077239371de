import { may } from '../auth/rights.ts';
import { forbidden, forbiddenCollection, noToken } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { type AggregateRequest, type AggregateRow, aggregate } from '../query/aggregate.ts';
import { keysStatement, type ListArguments, type QueryScope } from '../query/list.ts';
import { withUserIdsInFilter } from '../user-keys/filter-keys.ts';
import { directId } from '../user-keys/with-user-ids.ts';
import { type UserRecord, usersOf } from './by-key.ts';
import type { UserContext } from './context.ts';
import { idsOf } from './ids-of.ts';
import { usersCollection } from './model.ts';

export type { UserColumn, UserRecord } from './by-key.ts';

/** The relations or columns to read with each user. */
export type UserQuery = Pick<Prisma.UserFindManyArgs, 'include' | 'select'>;

function userScope({ viewer, limits, now }: UserContext, keys?: readonly string[]): QueryScope {
  const scope = { collection: usersCollection, users: usersCollection, viewer, now: now(), limits };
  return keys === undefined ? scope : { ...scope, keys };
}

/**
 * The users that the viewer may see, filtered, sorted and paged: all users, or only themselves.
 * The compiled query selects the ids, Prisma reads the rows.
 * @throws ServiceError `INVALID_QUERY` or `FORBIDDEN` naming the argument at fault.
 */
export async function listUsers(
  context: UserContext,
  given: ListArguments,
  query: UserQuery = {},
): Promise<UserRecord[]> {
  if (context.viewer.kind === 'anonymous') throw forbiddenCollection(usersCollection.name, 'read');
  const args = await withUserIdsInFilter(context.prisma, userScope(context), given);
  const keys = await context.prisma.user.query<{ id: string }>(keysStatement(userScope(context), args));
  return readInOrder(context, keys, query);
}

/** Aggregates over the users that the viewer may see. @throws as `listUsers`. */
export async function aggregateUsers(
  context: UserContext,
  request: AggregateRequest,
  given: ListArguments,
): Promise<AggregateRow[]> {
  if (context.viewer.kind === 'anonymous') throw forbiddenCollection(usersCollection.name, 'read');
  const args = await withUserIdsInFilter(context.prisma, userScope(context), given);
  return aggregate(context.prisma.user, userScope(context), request, args);
}

/**
 * Returns a function that reads the written users, filtered, sorted and paged.
 * Called before the write, so that invalid arguments are refused before anything is written.
 */
export async function prepareUserReread(
  context: UserContext,
  given: ListArguments,
  query: UserQuery,
): Promise<(written: readonly string[]) => Promise<UserRecord[]>> {
  const args = await withUserIdsInFilter(context.prisma, userScope(context), given);
  keysStatement(userScope(context, []), args);
  return async (written) => {
    const scope = userScope(context, written);
    const keys = await context.prisma.user.query<{ id: string }>(
      keysStatement(scope, { ...args, limit: args.limit ?? -1 }),
    );
    return readInOrder(context, keys, query);
  };
}

/** Reads these columns of the users with these ids that the viewer may see and that match the arguments. */
export async function usersByKey(
  context: UserContext,
  keys: readonly string[],
  given: ListArguments,
  columns: readonly string[],
): Promise<ReadonlyMap<string, UserRecord>> {
  const args = await withUserIdsInFilter(context.prisma, userScope(context), given);
  // A to-one relation has no pages: the arguments only decide whether each user matches.
  const { limit, ...matching } = args;
  const matchLimit = limit === 0 ? 0 : -1;
  const isFiltered = [args.filter, args.search, args.sort, args.limit].some(
    (value) => value !== undefined && value !== null,
  );
  const statement = () =>
    keysStatement(userScope(context, keys), { ...matching, offset: null, page: null, limit: matchLimit });
  const visible = isFiltered
    ? (await context.prisma.user.query<{ id: string }>(statement())).map(({ id }) => id)
    : visibleKeys(context, keys);
  return usersOf(context.prisma, visible, columns);
}

/** The ids of the users that the viewer may see. */
function visibleKeys({ viewer }: UserContext, keys: readonly string[]): readonly string[] {
  if (may(viewer, 'users.read_all')) return keys;
  if (viewer.kind === 'anonymous' || !may(viewer, 'users.read_own')) return [];
  return keys.filter((key) => key === viewer.id);
}

/** The id of the only user that the viewer may know; null: all. */
function onlyVisible({ viewer }: UserContext): string | null {
  return may(viewer, 'users.read_all') || viewer.kind === 'anonymous' ? null : viewer.id;
}

/** One user, by any key. @throws `FORBIDDEN` also when it does not exist. */
export async function getUser(context: UserContext, key: string, query: UserQuery = {}): Promise<UserRecord> {
  if (context.viewer.kind === 'anonymous') throw forbidden();
  const read = (uuid: string) => context.prisma.user.findUnique({ ...query, where: { id: uuid } });
  const direct = directId(key);
  const [visible] = direct === null ? [] : visibleKeys(context, [direct]);
  const user = visible === undefined ? null : await read(visible);
  if (user !== null) return user;
  const [named = null] = await idsOf(context.prisma, [key], onlyVisible(context));
  const other = named === null || named === direct ? null : await read(named);
  if (other === null) throw forbidden();
  return other;
}

/** The viewer's user. @throws `INVALID_CREDENTIALS` for anonymous viewers. */
export async function getOwnUser(context: UserContext, query: UserQuery = {}): Promise<UserRecord> {
  if (context.viewer.kind === 'anonymous') throw noToken();
  return getUser(context, context.viewer.id, query);
}

async function readInOrder(
  { prisma }: UserContext,
  keys: readonly { readonly id: string }[],
  query: UserQuery,
): Promise<UserRecord[]> {
  const users = await prisma.user.findMany({ ...query, where: { id: { in: keys.map(({ id }) => id) } } });
  const byKey = new Map(users.map((user) => [user.id, user]));
  return keys.flatMap(({ id }) => byKey.get(id) ?? []);
}
