import { statement } from '../../database/statement.ts';

/** A sign-in to store. */
export interface NewSession {
  readonly id: string;
  readonly userId: string;
  /** The hash that was checked; null: the user did not sign in with a password. */
  readonly passwordHash: string | null;
  readonly sha256: Uint8Array;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly at: Date;
  readonly expiresAt: Date;
}

/**
 * Stores a sign-in if the user is active and the password, if one was checked, is still the same. The lock makes a
 * suspension or a new password wait for the insert, so that it ends this sign-in too. Returns nothing if the user has
 * changed.
 */
export const startSession = statement<{ readonly id: string }>()({
  name: 'start_session',
  text: `
  with account as (
    select id from users where id = $2::uuid and status = 'active' and ($3::text is null or password_hash = $3) for share
  )
  insert into sessions (id, user_id, sha256, ip, user_agent, created_at, last_used_at, expires_at)
  select $1::uuid, account.id, $4::bytea, $5, $6, $7::timestamptz, $7, $8::timestamptz from account
  returning id`,
  values: ({ id, userId, passwordHash, sha256, ip, userAgent, at, expiresAt }: NewSession) => [
    id,
    userId,
    passwordHash,
    Buffer.from(sha256),
    ip,
    userAgent,
    at.toISOString(),
    expiresAt.toISOString(),
  ],
});
