import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { hashPassword } from '../auth/passwords.ts';
import { passwordFault, tokenFault } from '../auth/secret-rules.ts';
import { generateToken, staticTokenName, tokenHash } from '../auth/token-hash.ts';
import { type Config, ConfigError } from '../config.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { PrismaTransaction, ServicePrisma } from '../database/prisma.ts';

/** The admin a first start made. What was generated is here and nowhere else. */
export interface SeededAdmin {
  readonly email: string;
  /** Only when it was generated. */
  readonly password?: string;
  /** Only when it was generated. */
  readonly token?: string;
}

type Store = Pick<ServicePrisma, '$transaction' | 'user' | 'accessToken'>;

/** Names the lock that lets one node seed at a time; any number nobody else uses. */
const lockKey = 7_461_002;
const defaultEmail = 'admin@example.com';

/**
 * Makes the first admin when there is none, with what is given and the rest generated; undefined when there is one.
 * Idempotent, also when several nodes start at once. A later start changes nothing, whatever it is given: an
 * admin's e-mail, password and token are then changed like anybody's, through the API.
 * @throws ConfigError for `ADMIN_PASSWORD` or `ADMIN_TOKEN` that is too short, unless it is no news: a password when
 * there is an admin, a token when it is stored.
 */
export async function seedAdmin(prisma: Store, given: Config['admin']): Promise<SeededAdmin | undefined> {
  // Without the lock first: most starts are not the first.
  if (await hasAdmin(prisma)) {
    await assertTokenIsGood(prisma, given.token);
    return undefined;
  }
  assertUsable(given);
  const email = given.email?.trim().toLowerCase() ?? defaultEmail;
  const password = given.password ?? randomBytes(18).toString('base64url');
  const token = given.token ?? generateToken();
  const passwordHash = await hashPassword(password, { key: 'start', isRefusable: false });

  const isMade = await inTransaction(prisma, async (transaction) => {
    await takeLock(transaction, lockKey);
    if (await hasAdmin(transaction)) return false;
    const accessToken = { id: uuid(), sha256: tokenHash(token), name: staticTokenName };
    await transaction.user.create({
      data: {
        id: uuid(),
        email,
        firstName: 'Admin',
        role: 'admin',
        passwordHash,
        accessTokens: { create: accessToken },
      },
    });
    return true;
  });

  if (!isMade) return undefined;
  return {
    email,
    ...(given.password === undefined ? { password } : {}),
    ...(given.token === undefined ? { token } : {}),
  };
}

/** A token that an earlier version took goes on. */
async function assertTokenIsGood(prisma: Store, token: string | undefined): Promise<void> {
  if (token === undefined || tokenFault(token) === null) return;
  const stored = await prisma.accessToken.count({ where: { sha256: tokenHash(token) } });
  if (stored === 0) assertUsable({ token });
}

function assertUsable({
  password,
  token,
}: {
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}) {
  const faults = [
    ['ADMIN_PASSWORD', password === undefined ? null : passwordFault(password)],
    ['ADMIN_TOKEN', token === undefined ? null : tokenFault(token)],
  ].flatMap(([name, fault]) => (fault === null ? [] : [`  ${name}: ${fault}`]));
  if (faults.length > 0) throw new ConfigError(`The environment cannot be used:\n${faults.join('\n')}`);
}

async function hasAdmin(prisma: Pick<PrismaTransaction, 'user'>): Promise<boolean> {
  return (await prisma.user.findFirst({ where: { role: 'admin' }, select: { id: true } })) !== null;
}
