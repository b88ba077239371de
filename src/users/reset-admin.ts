import { randomBytes } from 'node:crypto';
import { hashPassword } from '../auth/passwords.ts';
import { generateToken } from '../auth/token-hash.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { storeToken } from './admin-secrets.ts';

type Store = Pick<ServicePrisma, '$transaction' | 'user' | 'accessToken'>;

export interface ResetOptions {
  /** Undefined: the oldest active admin, or the oldest one if all are suspended. */
  readonly email: string | undefined;
  readonly hasNewPassword: boolean;
  readonly hasNewToken: boolean;
}

/** The admin, with the secrets that were generated. */
export interface ResetAdmin {
  readonly email: string | null;
  readonly password?: string;
  readonly token?: string;
}

/**
 * Gives an admin a new token or password without requiring the old one, and activates a suspended admin. The token
 * replaces the user's static token; running services refuse the old token within seconds.
 * @returns undefined when there is no such admin.
 */
export async function resetAdmin(
  prisma: Store,
  { email, hasNewPassword, hasNewToken }: ResetOptions,
): Promise<ResetAdmin | undefined> {
  const found = await prisma.user.findFirst({
    where: { role: 'admin', ...(email !== undefined && { email: email.trim().toLowerCase() }) },
    // `active` comes before `suspended`.
    orderBy: [{ status: 'asc' }, { created_at: 'asc' }],
    select: { id: true, email: true },
  });
  if (found === null) return undefined;
  const password = hasNewPassword ? randomBytes(18).toString('base64url') : undefined;
  const token = hasNewToken ? generateToken() : undefined;
  const password_hash =
    password === undefined ? undefined : await hashPassword(password, { key: 'start', isRefusable: false });
  await inTransaction(prisma, async (transaction) => {
    await takeLock(transaction, lockKeys.firstAdmin);
    const data = { status: 'active', ...(password_hash !== undefined && { password_hash }) };
    await transaction.user.updateMany({ where: { id: found.id }, data });
    if (password_hash !== undefined) await transaction.session.deleteMany({ where: { user_id: found.id } });
    if (token !== undefined) await storeToken(transaction, found.id, token);
  });
  return { email: found.email, ...(password !== undefined && { password }), ...(token !== undefined && { token }) };
}
