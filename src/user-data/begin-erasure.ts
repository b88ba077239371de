import { recordAudit } from '../audit/record.ts';
import { announceRevocation } from '../auth/revocations.ts';
import type { UserViewer } from '../auth/viewer.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { PrismaTransaction } from '../database/prisma.ts';
import { forbidden } from '../errors.ts';
import { changeableUsers } from '../users/access.ts';
import { assertAdminLeft } from '../users/admins.ts';
import type { EraseContext } from './erase-context.ts';

/** What is left of the row of a user until the erasure is complete: an id that cannot sign in or get mail. */
const emptyProfile = {
  external_id: null,
  email: null,
  username: null,
  first_name: null,
  last_name: null,
  title: null,
  location: null,
  description: null,
  avatar: null,
  language: null,
  timezone: null,
  role: 'member',
  status: 'suspended',
  email_notifications: false,
  last_access: null,
  password_hash: null,
};

/**
 * The first transaction of an erasure. It deletes what says who the user is, and everything that signs the user in, and
 * records the request, so that the rest is erased even if this process ends. May be repeated.
 * @returns false if there is no such user
 * @throws ServiceError FORBIDDEN for a user with more rights than the viewer's token may act on, and for the last active
 * admin.
 */
export async function beginErasure({ prisma, now }: EraseContext, id: string, viewer: UserViewer): Promise<boolean> {
  const { role: onlyRole } = changeableUsers(viewer);
  const time = now();
  const isBegun = await inTransaction(prisma, async (transaction) => {
    await takeLock(transaction, lockKeys.admins);
    await transaction.user.lock([id]);
    const user = await transaction.user.findUnique({ where: { id }, select: { role: true, status: true } });
    if (user === null) return false;
    if (onlyRole !== undefined && user.role !== onlyRole) throw forbidden();
    await transaction.user.update({ where: { id }, data: { ...emptyProfile, sessions_revoked_at: time } });
    if (user.role === 'admin' && user.status === 'active') await assertAdminLeft(transaction);
    await deleteSmallTables(transaction, id);
    const { count } = await transaction.userErasure.createMany({
      data: [{ user_id: id, requested_by: viewer.id, requested_at: time }],
      skipDuplicates: true,
    });
    if (count > 0) await recordAudit(transaction, { actor: viewer.id, action: 'erase_user', user_id: id }, time);
    return true;
  });
  if (isBegun) announceRevocation(prisma, id);
  return isBegun;
}

async function deleteSmallTables(transaction: PrismaTransaction, user_id: string): Promise<void> {
  const where = { user_id };
  await transaction.accessToken.deleteMany({ where });
  await transaction.session.deleteMany({ where });
  await transaction.userIdentity.deleteMany({ where });
  await transaction.preference.deleteMany({ where });
  await transaction.choice.deleteMany({ where });
  await transaction.quietHours.deleteMany({ where });
  await transaction.idempotencyKey.deleteMany({ where });
}
