import { tokenHash } from './token-hash.ts';
import { createWatch, type Watch, type Watched, type WatchOptions } from './watch.ts';

/**
 * Watches tokens: one is revoked when it was deleted or has expired, or its user was suspended, deleted or given
 * another role.
 */
export type TokenWatch = Watch<string>;

export function createTokenWatch({ now, ...options }: WatchOptions & { readonly now: () => Date }): TokenWatch {
  const { watch, stop } = createWatch<string>(options, async (some) => {
    // One text is cheaper to serialise than an array, and the result is usually empty.
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

// One index lookup per token: a join would read all tokens and users for the few that are watched.
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
