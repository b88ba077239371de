import { type CredentialWatch, createCredentialWatch, type Watched, type WatchOptions } from './credential-watch.ts';
import type { SignedTokens } from './signed/signed-tokens.ts';
import { tokenHash } from './token-hash.ts';
import type { UserViewer } from './viewer.ts';

/**
 * Watches tokens. A token counts as revoked when it was deleted or has expired, when its key is no longer trusted, when
 * its sign-in or the sessions of its user were ended, or when its user was suspended, deleted or given another role.
 */
export type TokenWatch = CredentialWatch<string>;

export interface TokenWatchOptions extends WatchOptions {
  readonly now: () => Date;
  /** The kinds of signed tokens; undefined: there are none. */
  readonly signed?: Pick<SignedTokens, 'findValid'>;
}

export function createTokenWatch({ now, signed, ...options }: TokenWatchOptions): TokenWatch {
  const stored = createCredentialWatch<string>(options, async (watched) => {
    const revoked = await options.prisma.accessToken.findRevoked([...new Set(watched.map(keyOf))], now());
    if (revoked.length === 0) return new Set(watched);
    const keys = new Set(revoked.map(({ key }) => key));
    return new Set(watched.filter((one) => !keys.has(keyOf(one))));
  });
  const signedWatch = createCredentialWatch<undefined>(options, async (watched) => {
    const valid = await signed?.findValid(watched.map(({ viewer }) => viewer));
    return new Set(watched.filter(({ viewer }) => valid?.has(viewer)));
  });
  return {
    watch(token, viewer, onRevoked) {
      if (viewer.kind === 'user' && isSigned(viewer)) return signedWatch.watch(undefined, viewer, onRevoked);
      // Only the hash is kept.
      return stored.watch(Buffer.from(tokenHash(token)).toString('hex'), viewer, onRevoked);
    },
    stop() {
      stored.stop();
      signedWatch.stop();
    },
  };
}

/** Whether a signed token identified the viewer. */
function isSigned({ credential: { kind } }: UserViewer): boolean {
  return kind !== 'access_token' && kind !== 'password';
}

function keyOf({ credential, viewer }: Watched<string>): string {
  return `${credential},${viewer.id},${viewer.role}`;
}
