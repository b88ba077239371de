import { statement } from '../../database/statement.ts';

/** The fields of a user that decide whether the user's signed tokens are accepted. */
export interface UserRights {
  readonly id: string;
  readonly role: string;
  readonly status: string;
  readonly sessions_revoked_at: string | null;
  readonly is_last_use_stale: boolean;
}

/** The rights of these users. Run by every request with an uncached signed token, and by the check of connections. */
export const findUserRights = statement<UserRights>()({
  name: 'user_rights',
  text: `
  select id, role, status, sessions_revoked_at, coalesce(last_access < $2::timestamptz, true) as is_last_use_stale
  from users where id = any($1::uuid[])`,
  values: (ids: readonly string[], accessDueBefore: Date) => [ids, accessDueBefore.toISOString()],
});
