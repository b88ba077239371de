import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { hashPassword } from '../auth/passwords.ts';
import { passwordFault, tokenFault } from '../auth/secret-rules.ts';
import { generateToken, staticTokenName, tokenHash } from '../auth/token-hash.ts';
import type { Config } from '../config.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { PrismaTransaction, ServicePrisma } from '../database/prisma.ts';
import { ConfigError } from '../environment-faults.ts';

/** The admin created by the first start, with the secrets that were generated. */
export interface SeededAdmin {
  readonly email: string;
  /** Only when it was generated. */
  readonly password?: string;
  /** Only when it was generated. */
  readonly token?: string;
}

type Store = Pick<ServicePrisma, '$transaction' | 'user' | 'accessToken'>;

const defaultEmail = 'admin@example.com';

/**
 * Creates the first admin from `given`, generating what is missing; returns undefined if there is an admin already.
 * Idempotent, also when several nodes start at once.
 * @param keep stores the generated secrets before the admin is committed; if it fails, there is no admin
 * @throws ConfigError for an invalid `ADMIN_PASSWORD` or `ADMIN_TOKEN`; any error of `keep`.
 */
export async function seedAdmin(
  prisma: Store,
  given: Config['admin'],
  keep?: (admin: SeededAdmin) => Promise<void>,
): Promise<SeededAdmin | undefined> {
  // Checked without the lock first, because most starts find an admin.
  if (await hasAdmin(prisma)) return undefined;
  assertUsable(given);
  const email = adminEmail(given);
  const password = given.password ?? randomBytes(18).toString('base64url');
  const token = given.token ?? generateToken();
  const password_hash = await hashPassword(password, { key: 'start', isRefusable: false });
  const admin: SeededAdmin = {
    email,
    ...(given.password === undefined ? { password } : {}),
    ...(given.token === undefined ? { token } : {}),
  };

  const isCreated = await inTransaction(prisma, async (transaction) => {
    await takeLock(transaction, lockKeys.firstAdmin);
    if (await hasAdmin(transaction)) return false;
    const accessToken = { id: uuid(), sha256: tokenHash(token), name: staticTokenName };
    await transaction.user.create({
      data: {
        id: uuid(),
        email,
        first_name: 'Admin',
        role: 'admin',
        password_hash,
        accessTokens: { create: accessToken },
      },
    });
    await keep?.(admin);
    return true;
  });

  return isCreated ? admin : undefined;
}

/** The e-mail address of the admin that the environment describes. */
export const adminEmail = ({ email }: Config['admin']): string => email?.trim().toLowerCase() ?? defaultEmail;

/** @throws ConfigError when a new password or token breaks the rules. */
export function assertUsable({
  password,
  token,
}: {
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}) {
  const faults = [
    ['ADMIN_PASSWORD', password === undefined ? null : passwordFault(password)],
    ['ADMIN_TOKEN', token === undefined ? null : tokenFault(token)],
  ].flatMap(([name, fault]) => (fault === null ? [] : [`${name}: ${fault}`]));
  if (faults.length > 0) throw new ConfigError(faults);
}

async function hasAdmin(prisma: Pick<PrismaTransaction, 'user'>): Promise<boolean> {
  return (await prisma.user.findFirst({ where: { role: 'admin' }, select: { id: true } })) !== null;
}
