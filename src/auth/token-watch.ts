import { type CredentialWatch, createCredentialWatch, type Watched, type WatchOptions } from './credential-watch.ts';
import { tokenHash } from './token-hash.ts';

/**
 * Watches tokens: one is revoked when it was deleted or has expired, or its user was suspended, deleted or given
 * another role.
 */
export type TokenWatch = CredentialWatch<string>;

export function createTokenWatch({ now, ...options }: WatchOptions & { readonly now: () => Date }): TokenWatch {
  const { watch, stop } = createCredentialWatch<string>(options, async (watched) => {
    const revoked = await options.prisma.accessToken.findRevoked([...new Set(watched.map(keyOf))], now());
    if (revoked.length === 0) return new Set(watched);
    const keys = new Set(revoked.map(({ key }) => key));
    return new Set(watched.filter((one) => !keys.has(keyOf(one))));
  });
  return {
    // Only the hash is kept.
    watch: (token, viewer, onRevoked) => watch(Buffer.from(tokenHash(token)).toString('hex'), viewer, onRevoked),
    stop,
  };
}

function keyOf({ credential, viewer }: Watched<string>): string {
  return `${credential},${viewer.id},${viewer.role}`;
}
