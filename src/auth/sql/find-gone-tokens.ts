import { statement } from '../../database/statement.ts';

/**
 * Those of the keys (hash in hexadecimal, user, role) that do not stand for their user any more. Bench `live`: asked every
 * two seconds for every open connection, hundreds at a time. One look at the index for each: a join would go through all
 * tokens and users there are, for the few that are asked.
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
