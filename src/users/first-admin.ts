import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { hashPassword } from '../auth/passwords.ts';
import { passwordFault, tokenFault } from '../auth/secret-rules.ts';
import { generateToken, staticTokenName, tokenHash } from '../auth/token-hash.ts';
import { type Config, ConfigError } from '../config.ts';
import type { Database, Queryable } from '../database/database.ts';

/** The admin a first start made. What was generated is here and nowhere else. */
export interface SeededAdmin {
  readonly email: string;
  /** Only when it was generated. */
  readonly password?: string;
  /** Only when it was generated. */
  readonly token?: string;
}

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
export async function seedAdmin(db: Database, given: Config['admin']): Promise<SeededAdmin | undefined> {
  // Without the lock first: most starts are not the first.
  if (await hasAdmin(db)) {
    await assertTokenIsGood(db, given.token);
    return undefined;
  }
  assertUsable(given);
  const email = given.email?.trim().toLowerCase() ?? defaultEmail;
  const password = given.password ?? randomBytes(18).toString('base64url');
  const token = given.token ?? generateToken();
  const passwordHash = await hashPassword(password, { key: 'start', isRefusable: false });

  const isMade = await db.transaction(async (transaction) => {
    await transaction.query({ text: 'select pg_advisory_xact_lock($1)', values: [lockKey] });
    if (await hasAdmin(transaction)) return false;
    const id = uuid();
    await transaction.query({
      text: `insert into users (id, email, first_name, role, password_hash) values ($1, $2, 'Admin', 'admin', $3)`,
      values: [id, email, passwordHash],
    });
    await transaction.query({
      text: 'insert into access_tokens (id, user_id, sha256, name) values ($1, $2, $3, $4)',
      values: [uuid(), id, Buffer.from(tokenHash(token)), staticTokenName],
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
async function assertTokenIsGood(db: Queryable, token: string | undefined): Promise<void> {
  if (token === undefined || tokenFault(token) === null) return;
  const text = 'select from access_tokens where sha256 = $1';
  const stored = await db.query({ text, values: [Buffer.from(tokenHash(token))] });
  if (stored.length === 0) assertUsable({ token });
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

async function hasAdmin(db: Queryable): Promise<boolean> {
  const admins = await db.query({ text: `select from users where role = 'admin' limit 1`, values: [] });
  return admins.length > 0;
}
