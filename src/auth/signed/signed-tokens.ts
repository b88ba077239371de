import { LRUCache } from 'lru-cache';
import type { ServicePrisma } from '../../database/prisma.ts';
import { RefusedToken } from '../refused-token.ts';
import type { UserRights } from '../sql/find-user-rights.ts';
import type { AuthMethods } from '../sql/methods.ts';
import { type Credential, type Role, toRole, type UserViewer, userViewer } from '../viewer.ts';
import { decodeToken, type UnverifiedToken } from './unverified.ts';

/** A token whose signature and claims are verified, before its user is looked up. */
export interface VerifiedToken {
  readonly userId: string;
  readonly credential: Credential;
  /** Undefined: the token does not say, so any revocation of the user's sessions ends it. */
  readonly issuedAt: Date | undefined;
  /** The role of the viewer; undefined: the user's own role. */
  readonly role: Role | undefined;
  /**
   * Whether the key that signed it is still trusted, and its sign-in has not ended. Called for many tokens at once.
   */
  readonly isTrusted: () => Promise<boolean>;
}

/** One kind of signed token. Each kind is registered once, in the composition root. */
export interface SignedTokenKind {
  /** Whether the token is of this kind by its header and claims, which are not verified yet. */
  recognizes(token: UnverifiedToken): Promise<boolean> | boolean;
  /** @throws RefusedToken */
  verify(token: UnverifiedToken): Promise<VerifiedToken>;
}

/** Signed tokens of all kinds. */
export interface SignedTokens {
  /**
   * The viewer whom a signed token identifies; undefined if no kind recognizes the text.
   * @param key the hash of the token
   * @throws RefusedToken
   */
  authenticate(text: string, key: string): Promise<SignedViewer | undefined>;
  /** Those of these viewers, as returned by `authenticate`, whom their tokens still identify. */
  findValid(viewers: readonly UserViewer[]): Promise<ReadonlySet<UserViewer>>;
}

export interface SignedViewer {
  readonly viewer: UserViewer;
  /** Whether the last access of the user is to be updated. */
  readonly isLastUseStale: boolean;
}

export interface SignedTokensOptions {
  readonly prisma: ServicePrisma<AuthMethods>;
  readonly now: () => Date;
  readonly kinds: readonly SignedTokenKind[];
}

const maxCachedTokens = 10_000;
/** Milliseconds between two updates of a user's last access. */
const accessIntervalMs = 60_000;

/**
 * The signature and the claims of a token are verified once, and the result is cached until the token expires. Whether
 * its user may still sign in, and whether its key is still trusted, is checked each time.
 */
export function createSignedTokens({ prisma, now, kinds }: SignedTokensOptions): SignedTokens {
  const verified = new LRUCache<string, VerifiedToken>({
    max: maxCachedTokens,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  });
  const tokens = new WeakMap<UserViewer, VerifiedToken>();

  async function verify(text: string, key: string): Promise<VerifiedToken | undefined> {
    const cached = verified.get(key);
    if (cached !== undefined) return cached;
    const decoded = decodeToken(text);
    if (decoded === undefined) return undefined;
    for (const kind of kinds) {
      if (!(await kind.recognizes(decoded))) continue;
      const token = await kind.verify(decoded);
      const leftMs = (token.credential.expires_at?.getTime() ?? 0) - now().getTime();
      if (leftMs >= 1) verified.set(key, token, { ttl: leftMs });
      return token;
    }
    return undefined;
  }

  const findRights = (ids: readonly string[]) => {
    return prisma.user.findRights(ids, new Date(now().getTime() - accessIntervalMs));
  };

  return {
    async authenticate(text, key) {
      const token = await verify(text, key);
      if (token === undefined) return undefined;
      if (!(await token.isTrusted())) throw new RefusedToken({ kind: 'revoked' });
      const [rights] = await findRights([token.userId]);
      const viewer = viewerOf(token, rights, now());
      tokens.set(viewer, token);
      return { viewer, isLastUseStale: rights?.is_last_use_stale === true };
    },
    async findValid(viewers) {
      const found = await findRights([...new Set(viewers.map(({ id }) => id))]);
      const rightsOf = new Map(found.map((rights) => [rights.id, rights]));
      const time = now();
      const valid = await Promise.all(
        viewers.map(async (viewer) => {
          const token = tokens.get(viewer);
          return token !== undefined && isSame(viewer, token, rightsOf.get(viewer.id), time) && token.isTrusted();
        }),
      );
      return new Set(viewers.filter((_, index) => valid[index]));
    },
  };
}

/** @throws RefusedToken when the token has expired or was revoked, or its user may not sign in. */
function viewerOf(token: VerifiedToken, rights: UserRights | undefined, time: Date): UserViewer {
  const { credential, userId } = token;
  const { expires_at: at } = credential;
  if (at !== null && at <= time) throw new RefusedToken({ kind: 'expired', at, isSigned: true });
  if (rights === undefined) throw new RefusedToken({ kind: 'revoked' });
  if (rights.status !== 'active') throw new RefusedToken({ kind: 'inactive', status: rights.status });
  const revokedAt = rights.sessions_revoked_at === null ? undefined : Date.parse(rights.sessions_revoked_at);
  if (revokedAt !== undefined && (token.issuedAt?.getTime() ?? 0) < revokedAt)
    throw new RefusedToken({ kind: 'revoked' });
  return userViewer(userId, token.role ?? toRole(rights.role), credential);
}

function isSame(viewer: UserViewer, token: VerifiedToken, rights: UserRights | undefined, time: Date): boolean {
  try {
    return viewerOf(token, rights, time).role === viewer.role;
  } catch (error) {
    if (error instanceof RefusedToken) return false;
    throw error;
  }
}
