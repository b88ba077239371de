import { statement } from '../../database/statement.ts';

/** A token with its user. */
export interface FoundToken {
  readonly id: string;
  readonly role: string;
  readonly status: string;
  readonly token_id: string;
  readonly scopes: string | null;
  readonly expires_at: string | null;
  readonly is_last_use_stale: boolean;
}

/** The token with this hash and its user. Hand-written because every request with an uncached token runs it. */
export const findToken = statement<FoundToken>()({
  name: 'find_token',
  text: `
  select users.id, users.role, users.status, token.id as token_id, token.scopes, token.expires_at,
         coalesce(users.last_access < $2::timestamptz or token.last_used_at < $2, true) as is_last_use_stale
  from access_tokens as token join users on users.id = token.user_id
  where token.sha256 = $1::bytea`,
  values: (hash: Uint8Array, accessDueBefore: Date) => [Buffer.from(hash), accessDueBefore.toISOString()],
});
