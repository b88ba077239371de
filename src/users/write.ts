import { v7 as uuid } from 'uuid';
import { announceRevocation } from '../auth/revocations.ts';
import { may } from '../auth/rights.ts';
import { staticTokenName, tokenHash } from '../auth/token-hash.ts';
import type { Viewer } from '../auth/viewer.ts';
import { checkBatch } from '../checks.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { PrismaTransaction } from '../database/prisma.ts';
import { forbidden, invalidPayload } from '../errors.ts';
import { beginInboxes } from '../notifications/begin-inboxes.ts';
import type { WriteContext } from '../notifications/context.ts';
import { assertMayCreateUsers, assertMayUpdateUsers, changeableUsers } from './access.ts';
import { assertAdminLeft } from './admins.ts';
import { assertIdsDistinct } from './assert-ids-distinct.ts';
import { idsOf } from './ids-of.ts';
import { type CheckedUser, checkUser, type UserInput } from './input.ts';
import { hashPasswords } from './password-hashes.ts';
import { translateUniqueViolation } from './translate-unique-violation.ts';

export { deleteUsers } from './delete.ts';
export type { UserInput } from './input.ts';

type UserContext = Omit<WriteContext, 'bus'>;

interface Prepared {
  readonly id: string;
  readonly checked: CheckedUser;
  /** Undefined keeps the password, null removes it. */
  readonly password_hash: string | null | undefined;
}

/**
 * Creates users, all or none; returns their ids in the order of the items. An empty list is allowed for every viewer.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin; the faults of the first invalid item; RECORD_NOT_UNIQUE
 * for an id, external id, e-mail, username or token in use; INVALID_PAYLOAD for more than `batchMax` items;
 * REQUESTS_EXCEEDED as `hashPasswords`.
 */
export async function createUsers(
  { prisma, viewer, now, limits }: UserContext,
  items: readonly UserInput[],
): Promise<string[]> {
  if (items.length === 0) return [];
  assertMayCreateUsers(viewer, items.flatMap(givenFields));
  checkBatch(items.length, limits.batchMax);
  const checked = items.map(checkUser);
  await assertIdsDistinct(
    prisma,
    checked.map(({ id, columns: { external_id } }) => ({ id, external_id })),
    checked.flatMap(({ id }) => id ?? []),
  );
  const hashes = await hashPasswords(viewer, checked);
  const created_at = now();
  const users = checked.map((user) => ({
    ...user.columns,
    id: user.id ?? uuid(),
    password_hash: hashes.get(user) ?? null,
    created_at,
  }));
  const tokens = checked.flatMap(({ token }, index) => {
    const userId = users[index]?.id;
    return typeof token === 'string' && userId !== undefined ? [tokenRow(userId, token, created_at)] : [];
  });
  await translateUniqueViolation(items, () =>
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
 * Makes one change to many users, all or none; returns the ids of those that exist, in the given order. Changed rights
 * and revoked tokens take effect immediately on this node.
 * @throws ServiceError FORBIDDEN when a member changes another user or a field that only admins may change, and when no
 * active admin would be left; REQUESTS_EXCEEDED as `hashPasswords`; else as `createUsers`.
 */
export async function updateUsers(context: UserContext, ids: readonly string[], change: UserInput): Promise<string[]> {
  return applyChanges(
    context,
    ids.map((id) => ({ id, change })),
    givenFields(change),
  );
}

/**
 * Makes a separate change to each user, all or none. Changes with the same id are applied in their order.
 * @throws ServiceError INVALID_PAYLOAD for an item without `id`; else as `updateUsers`.
 */
export async function updateUsersBatch(context: UserContext, items: readonly UserInput[]): Promise<string[]> {
  const changes = items.map(({ id, ...change }, index) => {
    if (id === undefined || id === null) throw invalidPayload(`item ${index} has no "id"`);
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
  assertMayUpdateUsers(viewer, [], fields);
  checkBatch(wanted.length, limits.batchMax);
  const keys = wanted.map(({ id }) => id);
  const only = may(viewer, 'users.update_all') || viewer.kind === 'anonymous' ? null : viewer.id;
  const ids = (await idsOf(prisma, keys, only)).map((id) => id ?? '');
  assertMayUpdateUsers(viewer, ids, fields);
  if (ids.includes('')) throw forbidden();
  const changes = wanted.map(({ change }, index) => ({ id: ids[index] ?? '', change }));
  if (ids.length === 0 && !mayBeEmpty && !may(viewer, 'users.update_all')) throw forbidden();
  const prepared = await prepareChanges(viewer, changes);
  await assertIdsDistinct(
    prisma,
    prepared.map(({ id, checked }) => ({ id, external_id: checked.columns.external_id })),
  );
  const time = now();
  const changeable = changeableUsers(viewer);
  // Rows are locked in the order of ids to prevent deadlocks; changes of one user stay in order.
  const inLockOrder = prepared.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));

  const changed = await translateUniqueViolation(
    wanted.map(({ change }) => change),
    () =>
      prisma.$transaction(async (transaction) => {
        const mayLoseAdmin = prepared.some(losesAdmin);
        if (mayLoseAdmin) await takeLock(transaction, lockKeys.admins);
        const found = new Set<string>();
        for (const item of inLockOrder) {
          if (await changeUser(transaction, item, changeable, time)) found.add(item.id);
        }
        // A limited token must not learn whether a user is unknown or has more rights.
        if (changeable.role !== undefined && ids.some((id) => !found.has(id))) throw forbidden();
        if (mayLoseAdmin) await assertAdminLeft(transaction);
        await endSessions(transaction, viewer, inLockOrder);
        return [...new Set(ids)].filter((id) => found.has(id));
      }),
  );
  for (const id of changed) announceRevocation(prisma, id);
  return changed;
}

/**
 * Validates the changes and hashes their passwords. A change object shared by many users is validated and hashed once;
 * those users then share a salt, which reveals only that one write set the same password for them. Of several passwords
 * for one user only the last is hashed.
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
    return { id, checked, password_hash: last.get(id) === checked ? hashes.get(checked) : undefined };
  });
}

async function changeUser(
  transaction: PrismaTransaction,
  { id, checked, password_hash }: Prepared,
  changeable: ReturnType<typeof changeableUsers>,
  time: Date,
): Promise<boolean> {
  const data = { ...checked.columns, ...(password_hash === undefined ? {} : { password_hash }) };
  const isEmpty = Object.keys(data).length === 0;
  const count = isEmpty
    ? await transaction.user.count({ where: { id, ...changeable } })
    : (await transaction.user.updateMany({ where: { id, ...changeable }, data })).count;
  if (count === 0) return false;
  const user_id_name = { user_id: id, name: staticTokenName };
  if (typeof checked.token === 'string') {
    const create = tokenRow(id, checked.token, time);
    const { sha256, created_at } = create;
    // An upsert, so that concurrent writes that replace the token do not both insert one.
    await transaction.accessToken.upsert({
      where: { user_id_name },
      create,
      update: { sha256, created_at, last_used_at: null, expires_at: null },
    });
  } else if (checked.token === null) {
    await transaction.accessToken.deleteMany({ where: user_id_name });
  }
  return true;
}

/**
 * A suspension ends all sign-ins of the user; a new password ends all but the sign-in that sets it. Sign-ins are
 * deleted after the users were changed, so that no sign-in begins with the old password meanwhile.
 */
async function endSessions(
  { session }: PrismaTransaction,
  viewer: Viewer,
  changes: readonly Prepared[],
): Promise<void> {
  const ended = changes.filter(
    ({ checked: { columns }, password_hash }) => columns.status === 'suspended' || password_hash !== undefined,
  );
  if (ended.length === 0) return;
  const user_id = { in: [...new Set(ended.map(({ id }) => id))] };
  const current = viewer.kind === 'user' && viewer.credential.kind === 'session' ? viewer.credential.id : null;
  const isSuspended = (id: string) => ended.some((one) => one.id === id && one.checked.columns.status === 'suspended');
  const keeps = viewer.kind === 'user' && current !== null && !isSuspended(viewer.id);
  await session.deleteMany({ where: { user_id, ...(keeps && { NOT: { id: current } }) } });
}

function losesAdmin({ checked: { columns } }: Prepared): boolean {
  return (columns.role ?? 'admin') !== 'admin' || columns.status === 'suspended';
}

function tokenRow(user_id: string, token: string, created_at: Date) {
  return { id: uuid(), user_id, sha256: tokenHash(token), name: staticTokenName, created_at };
}

function givenFields(change: object): string[] {
  return Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}
