import { tokenHash } from './token-hash.ts';
import { createWatch, type Watch, type Watched, type WatchOptions } from './watch.ts';

/**
 * Looks after tokens: one is gone when it was taken back or expired, or its user was suspended, deleted or given
 * another role.
 */
export type TokenWatch = Watch<string>;

export function createTokenWatch({ now, ...options }: WatchOptions & { readonly now: () => Date }): TokenWatch {
  const { watch, stop } = createWatch<string>(options, async (some) => {
    // One text is written faster than an array, and mostly nothing comes back.
    const values = [[...new Set(some.map(keyOf))].join(';'), now().toISOString()];
    const gone = await options.db.query<{ key: string }>({ name: 'gone_tokens', text: goneText, values });
    if (gone.length === 0) return new Set(some);
    const keys = new Set(gone.map(({ key }) => key));
    return new Set(some.filter((one) => !keys.has(keyOf(one))));
  });
  return {
    // Only the hash is kept.
    watch: (token, viewer, onGone) => watch(Buffer.from(tokenHash(token)).toString('hex'), viewer, onGone),
    stop,
  };
}

function keyOf({ credential, viewer }: Watched<string>): string {
  return `${credential},${viewer.id},${viewer.role}`;
}

// One look at the index for each: a join would go through all tokens and users there are, for the few that are asked.
const goneText = `
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
  where known.is_good is null`;
