import { tokenHash } from './token-hash.ts';
import { createWatch, type Watch, type WatchOptions } from './watch.ts';

/**
 * Looks after tokens: one is gone when it was taken back or expired, or its user was suspended, deleted or given
 * another role.
 */
export type TokenWatch = Watch<string>;

interface Good {
  readonly key: string;
  readonly id: string;
  readonly role: string;
}

export function createTokenWatch({ now, ...options }: WatchOptions & { readonly now: () => Date }): TokenWatch {
  const { watch, stop } = createWatch<Buffer>(options, async (some) => {
    const hashes = [...new Map(some.map(({ credential }) => [credential.toString('hex'), credential])).values()];
    const values = [hashes, now().toISOString()];
    const good = await options.db.query<Good>({ name: 'good_tokens', text: goodText, values });
    const byKey = new Map(good.map((one) => [one.key, one]));
    return new Set(
      some.filter(({ credential, viewer }) => {
        const found = byKey.get(credential.toString('hex'));
        return found?.id === viewer.id && found.role === viewer.role;
      }),
    );
  });
  return {
    // Only the hash is kept.
    watch: (token, viewer, onGone) => watch(Buffer.from(tokenHash(token)), viewer, onGone),
    stop,
  };
}

const goodText = `
  select encode(token.sha256, 'hex') as key, users.id, users.role
  from access_tokens as token join users on users.id = token.user_id
  where token.sha256 = any ($1::bytea[]) and users.status = 'active'
    and (token.expires_at is null or token.expires_at > $2::timestamptz)`;
