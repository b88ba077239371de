import { forbidden, forbiddenCollection, noToken } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { type AggregateRequest, type AggregateRow, aggregate } from '../query/aggregate.ts';
import { keysStatement, type ListArguments, type QueryScope } from '../query/list.ts';
import { parseUuid } from '../values.ts';
import { type UserRecord, usersOf } from './by-key.ts';
import type { UserContext } from './context.ts';
import { usersCollection } from './model.ts';

export type { UserColumn, UserRecord } from './by-key.ts';

/** What else than the columns to read with each user. */
export type UserQuery = Pick<Prisma.UserFindManyArgs, 'include' | 'select'>;

function userScope({ viewer, limits, now }: UserContext, keys?: readonly string[]): QueryScope {
  const scope = { collection: usersCollection, users: usersCollection, viewer, now: now(), limits };
  return keys === undefined ? scope : { ...scope, keys };
}

/**
 * The users the caller may see, filtered, sorted and paged: an admin all, a member the own one.
 * The query language finds the keys, Prisma reads the rows.
 * @throws ServiceError `INVALID_QUERY` or `FORBIDDEN` naming what is wrong with the arguments.
 */
export async function listUsers(
  context: UserContext,
  args: ListArguments,
  query: UserQuery = {},
): Promise<UserRecord[]> {
  if (context.viewer.kind === 'anonymous') throw forbiddenCollection(usersCollection.name, 'read');
  const keys = await context.prisma.user.keys(keysStatement(userScope(context), args));
  return readInOrder(context, keys, query);
}

/** Figures over the users the caller may see. @throws as `listUsers`. */
export async function aggregateUsers(
  context: UserContext,
  request: AggregateRequest,
  args: ListArguments,
): Promise<AggregateRow[]> {
  if (context.viewer.kind === 'anonymous') throw forbiddenCollection(usersCollection.name, 'read');
  return aggregate(context.db, userScope(context), request, args);
}

/**
 * What a write answers: the written users, filtered, sorted and paged as the caller asked.
 * Made before the write, so that arguments that cannot be understood stop it.
 */
export function prepareUserReread(
  context: UserContext,
  args: ListArguments,
  query: UserQuery,
): (written: readonly string[]) => Promise<UserRecord[]> {
  keysStatement(userScope(context, []), args);
  return async (written) => {
    const scope = userScope(context, written);
    const keys = await context.prisma.user.keys(keysStatement(scope, { ...args, limit: args.limit ?? -1 }));
    return readInOrder(context, keys, query);
  };
}

/** These columns of those of the users that the caller may see and that match the arguments, by id. */
export async function usersByKey(
  context: UserContext,
  keys: readonly string[],
  args: ListArguments,
  columns: readonly string[],
): Promise<ReadonlyMap<string, UserRecord>> {
  // A related user is one row: only whether it matches counts, and the page it would lie on never hides it.
  const { limit, ...matching } = args;
  const bound = limit === 0 ? 0 : -1;
  const isFiltered = [args.filter, args.search, args.sort, args.limit].some(
    (value) => value !== undefined && value !== null,
  );
  const statement = () =>
    keysStatement(userScope(context, keys), { ...matching, offset: null, page: null, limit: bound });
  const visible = isFiltered
    ? (await context.prisma.user.keys(statement())).map(({ id }) => id)
    : ownKeys(context, keys);
  return usersOf(context.prisma, visible, columns);
}

/** Which of the users the caller may see at all. */
function ownKeys({ viewer }: UserContext, keys: readonly string[]): readonly string[] {
  if (viewer.kind === 'anonymous') return [];
  return viewer.role === 'admin' ? keys : keys.filter((key) => key === viewer.id);
}

/** One user. @throws `FORBIDDEN` also when it does not exist or its id is no uuid. */
export async function getUser(context: UserContext, id: string, query: UserQuery = {}): Promise<UserRecord> {
  const uuid = parseUuid(id);
  const [key] = uuid === null ? [] : ownKeys(context, [uuid]);
  if (key === undefined) throw forbidden();
  const user = await context.prisma.user.findUnique({ ...query, where: { id: key } });
  if (user === null) throw forbidden();
  return user;
}

/** The caller. @throws `INVALID_CREDENTIALS` when nobody is signed in. */
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
