import { tokenHash } from './token-hash.ts';
import { createWatch, type Watch, type Watched, type WatchOptions } from './watch.ts';

/**
 * Watches tokens: one is revoked when it was deleted or has expired, or its user was suspended, deleted or given
 * another role.
 */
export type TokenWatch = Watch<string>;

export function createTokenWatch({ now, ...options }: WatchOptions & { readonly now: () => Date }): TokenWatch {
  const { watch, stop } = createWatch<string>(options, async (some) => {
    const gone = await options.prisma.accessToken.findGone([...new Set(some.map(keyOf))], now());
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
