import { statement } from '../../database/statement.ts';

/**
 * Returns the keys (hex hash, user, role) that no longer identify their user. Bench `live`: run every two seconds for
 * all open connections, hundreds at a time. One index lookup per key: a join would read all tokens and users for the
 * few that are checked.
 */
export const findGoneTokens = statement<{ readonly key: string }>()({
  name: 'gone_tokens',
  text: `
  select asked.key
  from string_to_table($1, ';') as asked (key)
  left join lateral (
    select true as is_good
    from access_tokens as token join users on users.id = token.user_id
    where token.sha256 = decode(split_part(asked.key, ',', 1), 'hex')
      and users.id = split_part(asked.key, ',', 2)::uuid
      and users.role = split_part(asked.key, ',', 3) and users.status = 'active'
      and (token.expires_at is null or token.expires_at > $2::timestamptz)
    limit 1
  ) as known on true
  where known.is_good is null`,
  // One text is cheaper to serialise than an array, and the result is usually empty.
  values: (keys: readonly string[], now: Date) => [keys.join(';'), now.toISOString()],
});
