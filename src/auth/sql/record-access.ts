import { statement } from '../../database/statement.ts';

/** The access to record. It is recorded only if the last recorded access is older than `dueBefore`. */
export interface Access {
  readonly userId: string;
  /** Null: a token without a row. */
  readonly tokenId: string | null;
  readonly at: Date;
  readonly dueBefore: Date;
}

/**
 * Records an access of a token and its user. Both are written by one statement, and by only one of several concurrent
 * requests.
 */
export const recordAccess = statement<object>()({
  name: 'record_access',
  text: `
  with used as (
    update access_tokens set last_used_at = $3::timestamptz
    where id = $2::uuid and (last_used_at is null or last_used_at < $4::timestamptz)
  )
  update users set last_access = $3::timestamptz
  where id = $1::uuid and (last_access is null or last_access < $4::timestamptz)`,
  values: ({ userId, tokenId, at, dueBefore }: Access) => [userId, tokenId, at.toISOString(), dueBefore.toISOString()],
});
