import { v7 as uuid } from 'uuid';
import { hashPassword, isPassword } from '../auth/passwords.ts';
import { announceRevocation } from '../auth/revocations.ts';
import { staticTokenName, tokenHash } from '../auth/token-hash.ts';
import type { Config } from '../config.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { PrismaTransaction, ServicePrisma } from '../database/prisma.ts';
import { adminEmail, assertUsable } from './first-admin.ts';

type Store = Pick<ServicePrisma, '$transaction' | 'user' | 'accessToken'>;

/** Which secret of the admin. */
export type AdminSecret = 'password' | 'token';

const turn = { key: 'start', isRefusable: false } as const;

/**
 * Stores the password and the token of the environment for the admin, unless they are unset or stored already. The
 * admin is the one with `ADMIN_EMAIL`; if there is none, the oldest one. Connections opened with a replaced token are
 * closed. Idempotent, also when several nodes start at once. Returns which secrets were stored.
 * @throws ConfigError when a secret that has to be stored breaks the rules. What is stored stays valid, even if an
 * earlier version accepted it by weaker rules.
 */
export async function applyAdminSecrets(prisma: Store, given: Config['admin']): Promise<readonly AdminSecret[]> {
  const { password, token } = given;
  if (password === undefined && token === undefined) return [];
  const admin = await findAdmin(prisma, given);
  if (admin === undefined) return [];
  const hasPassword = password === undefined || (await isPassword(password, async () => admin.password_hash, turn));
  const hasToken = token === undefined || (await isStored(prisma, token));
  if (hasPassword && hasToken) return [];
  assertUsable({ password: hasPassword ? undefined : password, token: hasToken ? undefined : token });
  const password_hash = hasPassword ? undefined : await hashPassword(password, turn);
  const stored = await inTransaction(prisma, async (transaction) => {
    await takeLock(transaction, lockKeys.firstAdmin);
    if (password_hash !== undefined) {
      await transaction.user.updateMany({ where: { id: admin.id }, data: { password_hash } });
      await transaction.session.deleteMany({ where: { user_id: admin.id } });
    }
    // Another node may have stored the token meanwhile.
    const isNew = !hasToken && !(await isStored(transaction, token));
    if (isNew) await storeToken(transaction, admin.id, token);
    return [...(hasPassword ? [] : (['password'] as const)), ...(isNew ? (['token'] as const) : [])];
  });
  announceRevocation(prisma, admin.id);
  return stored;
}

async function findAdmin(prisma: Store, given: Config['admin']) {
  const select = { id: true, password_hash: true } as const;
  const named = await prisma.user.findFirst({ where: { email: adminEmail(given), role: 'admin' }, select });
  if (named !== null) return named;
  const orderBy = { created_at: 'asc' } as const;
  return (await prisma.user.findFirst({ where: { role: 'admin' }, orderBy, select })) ?? undefined;
}

/** Whether any user has the token without an expiry; if so, it stays with that user. */
async function isStored(prisma: Pick<PrismaTransaction, 'accessToken'>, token: string): Promise<boolean> {
  const where = { sha256: tokenHash(token), expires_at: null };
  return (await prisma.accessToken.count({ where })) > 0;
}

/** Stores the token as the user's static one, without an expiry. */
export async function storeToken(transaction: PrismaTransaction, user_id: string, token: string): Promise<void> {
  const sha256 = tokenHash(token);
  // The same token may be stored with an expiry, under any name.
  await transaction.accessToken.deleteMany({ where: { sha256 } });
  const stored = { sha256, created_at: new Date(), last_used_at: null, expires_at: null };
  await transaction.accessToken.upsert({
    where: { user_id_name: { user_id, name: staticTokenName } },
    create: { id: uuid(), user_id, name: staticTokenName, ...stored },
    update: stored,
  });
}
