import { statement } from '../../database/statement.ts';

/** A sign-in, with the hashes of its tokens in hex. */
export interface FoundSession {
  readonly id: string;
  readonly user_id: string;
  readonly sha256: string;
  /** The hash of the previous token; null outside its grace period. */
  readonly previous_sha256: string | null;
  readonly is_last_use_stale: boolean;
}

/**
 * The sign-ins with these ids that have not expired. Every request with an uncached access token of a sign-in runs this
 * statement.
 */
export const findSessions = statement<FoundSession>()({
  name: 'find_sessions',
  text: `
  select id, user_id, encode(sha256, 'hex') as sha256,
         case when previous_until > $2::timestamptz then encode(previous_sha256, 'hex') end as previous_sha256,
         last_used_at < $3::timestamptz as is_last_use_stale
  from sessions where id = any($1::uuid[]) and expires_at > $2`,
  values: (ids: readonly string[], now: Date, accessDueBefore: Date) => [
    ids,
    now.toISOString(),
    accessDueBefore.toISOString(),
  ],
});
