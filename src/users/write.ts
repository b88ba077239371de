import { v7 as uuid } from 'uuid';
import { announceRevocation } from '../auth/revocations.ts';
import { staticTokenName, tokenHash } from '../auth/token-hash.ts';
import type { Viewer } from '../auth/viewer.ts';
import { checkBatch } from '../checks.ts';
import { takeLock } from '../database/advisory-lock.ts';
import type { PrismaTransaction } from '../database/prisma.ts';
import { forbidden, invalidPayload } from '../errors.ts';
import { beginInboxes } from '../notifications/begin-inboxes.ts';
import type { WriteContext } from '../notifications/context.ts';
import { parseUuid } from '../values.ts';
import { assertMayCreateUsers, assertMayUpdateUsers } from './access.ts';
import { adminsLockKey, lastAdminMustStay } from './admins.ts';
import { type CheckedUser, checkUser, type UserInput } from './input.ts';
import { hashPasswords } from './password-hashes.ts';
import { orTaken } from './taken.ts';

export { deleteUsers } from './delete.ts';
export type { UserInput } from './input.ts';

type UserContext = Omit<WriteContext, 'bus'>;

interface Prepared {
  readonly id: string;
  readonly checked: CheckedUser;
  /** undefined: stays. */
  readonly passwordHash: string | null | undefined;
}

/**
 * Creates all of them or none; gives their ids, in the order of the items. Nothing to create is nothing forbidden.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin; the faults of the first faulty item; RECORD_NOT_UNIQUE
 * for an id, e-mail, username or token that is taken; INVALID_PAYLOAD for more items than one write may have.
 */
export async function createUsers(
  { prisma, viewer, now, limits }: UserContext,
  items: readonly UserInput[],
): Promise<string[]> {
  if (items.length === 0) return [];
  assertMayCreateUsers(viewer);
  checkBatch(items.length, limits.batchMax);
  const checked = items.map(checkUser);
  const hashes = await hashPasswords(viewer, checked);
  const createdAt = now();
  const users = checked.map((user) => ({
    ...user.columns,
    id: user.id ?? uuid(),
    passwordHash: hashes.get(user) ?? null,
    createdAt,
  }));
  const tokens = checked.flatMap(({ token }, place) => {
    const userId = users[place]?.id;
    return typeof token === 'string' && userId !== undefined ? [tokenRow(userId, token, createdAt)] : [];
  });
  await orTaken(items, () =>
    prisma.$transaction(async (transaction) => {
      await transaction.user.createMany({ data: users });
      await transaction.accessToken.createMany({ data: tokens });
      await beginInboxes(
        transaction,
        checked.flatMap(({ id }) => id ?? []),
      );
    }),
  );
  return users.map(({ id }) => id);
}

/**
 * Makes one change to many users, all or none; gives the ids of those that are there, in the given order. What a
 * change does to anybody's rights or tokens counts at once on this node.
 * @throws ServiceError FORBIDDEN when a member names another user or a field that is not theirs to change, and when
 * no active admin would be left; REQUESTS_EXCEEDED as `hashPasswords`; else as `createUsers`.
 */
export async function updateUsers(context: UserContext, ids: readonly string[], change: UserInput): Promise<string[]> {
  return applyChanges(
    context,
    ids.map((id) => ({ id, change })),
    givenFields(change),
  );
}

/**
 * Gives each user a change of its own, all or none; an id that comes twice gets both, the later one on top.
 * @throws ServiceError INVALID_PAYLOAD for an item without `id`; else as `updateUsers`.
 */
export async function updateUsersBatch(context: UserContext, items: readonly UserInput[]): Promise<string[]> {
  const changes = items.map(({ id, ...change }, place) => {
    if (id === undefined || id === null) throw invalidPayload(`item ${place} has no "id"`);
    return { id, change };
  });
  return applyChanges(
    context,
    changes,
    changes.flatMap(({ change }) => givenFields(change)),
    true,
  );
}

async function applyChanges(
  { prisma, viewer, now, limits }: UserContext,
  wanted: readonly { readonly id: string; readonly change: UserInput }[],
  fields: readonly string[],
  mayBeEmpty = false,
): Promise<string[]> {
  const changes = wanted.map(({ id, change }) => ({ id: parseUuid(id) ?? '', change }));
  const ids = changes.map(({ id }) => id);
  assertMayUpdateUsers(viewer, ids, fields);
  checkBatch(wanted.length, limits.batchMax);
  if (ids.includes('')) throw forbidden();
  if (ids.length === 0 && !mayBeEmpty && viewer.kind === 'user' && viewer.role !== 'admin') throw forbidden();
  const prepared = await prepareChanges(viewer, changes);
  const time = now();
  // Two writes over the same users must meet them in the same order; those of one user keep theirs.
  const inLockOrder = prepared.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));

  const changed = await orTaken(
    wanted.map(({ change }) => change),
    () =>
      prisma.$transaction(async (transaction) => {
        const mayLoseAdmin = prepared.some(losesAdmin);
        if (mayLoseAdmin) await takeLock(transaction, adminsLockKey);
        const found = new Set<string>();
        for (const one of inLockOrder) if (await changeUser(transaction, one, time)) found.add(one.id);
        if (mayLoseAdmin) await assertAdminLeft(transaction);
        return [...new Set(ids)].filter((id) => found.has(id));
      }),
  );
  for (const id of changed) announceRevocation(prisma, id);
  return changed;
}

/**
 * One change for all is one object: it is checked once and its password hashed once. They share a salt then, which
 * tells that one write gave them one password, and no more. Of several passwords for one user only the last is hashed.
 */
async function prepareChanges(
  viewer: Viewer,
  wanted: readonly { readonly id: string; readonly change: UserInput }[],
): Promise<Prepared[]> {
  const checkedOf = new Map<UserInput, CheckedUser>();
  const changes = wanted.map(({ id, change }) => {
    const checked = checkedOf.get(change) ?? checkUser(change);
    checkedOf.set(change, checked);
    return { id, checked };
  });
  const setting = changes.filter(({ checked: { password } }) => password !== undefined);
  const last = new Map(setting.map(({ id, checked }) => [id, checked]));
  const hashes = await hashPasswords(viewer, [...last.values()]);
  return changes.map(({ id, checked }) => {
    return { id, checked, passwordHash: last.get(id) === checked ? hashes.get(checked) : undefined };
  });
}

async function changeUser(
  transaction: PrismaTransaction,
  { id, checked, passwordHash }: Prepared,
  time: Date,
): Promise<boolean> {
  const data = { ...checked.columns, ...(passwordHash === undefined ? {} : { passwordHash }) };
  const isEmpty = Object.keys(data).length === 0;
  const count = isEmpty
    ? await transaction.user.count({ where: { id } })
    : (await transaction.user.updateMany({ where: { id }, data })).count;
  if (count === 0) return false;
  const userId_name = { userId: id, name: staticTokenName };
  if (typeof checked.token === 'string') {
    const create = tokenRow(id, checked.token, time);
    const { sha256, createdAt } = create;
    // One statement: two writes that replace the token at the same time must not both insert.
    await transaction.accessToken.upsert({
      where: { userId_name },
      create,
      update: { sha256, createdAt, lastUsedAt: null, expiresAt: null },
    });
  } else if (checked.token === null) {
    await transaction.accessToken.deleteMany({ where: userId_name });
  }
  return true;
}

function losesAdmin({ checked: { columns } }: Prepared): boolean {
  return columns.role === 'member' || columns.status === 'suspended';
}

async function assertAdminLeft(transaction: PrismaTransaction): Promise<void> {
  const admin = await transaction.user.findFirst({ where: { role: 'admin', status: 'active' }, select: { id: true } });
  if (admin === null) throw lastAdminMustStay();
}

function tokenRow(userId: string, token: string, createdAt: Date) {
  return { id: uuid(), userId, sha256: tokenHash(token), name: staticTokenName, createdAt };
}

function givenFields(change: object): string[] {
  return Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}
