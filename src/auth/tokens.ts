import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { ServicePrisma } from '../database/prisma.ts';
import { invalidPayload } from '../errors.ts';
import { RefusedToken } from './refused-token.ts';
import { onRevocation } from './revocations.ts';
import type { SignedTokens, SignedViewer } from './signed/signed-tokens.ts';
import type { FoundToken } from './sql/find-token.ts';
import type { AuthMethods } from './sql/methods.ts';
import { tokenHash, tokenKey } from './token-hash.ts';
import { toRole, toScopes, type UserViewer, userViewer, type Viewer } from './viewer.ts';

/** Milliseconds for which a valid token is cached, without looking it up in the database. */
const cacheMs = 2_000;
const maxCachedTokens = 10_000;
/** Milliseconds between updates of the last access. */
const accessIntervalMs = 60_000;

/** Converts tokens to viewers. */
export interface Authenticator {
  /**
   * The viewer of a token. A valid token is cached for two seconds; a revocation, or a change of the user's rights,
   * takes effect immediately on the node that made it and within two seconds elsewhere.
   * @throws RefusedToken when the token is unknown, malformed, expired or revoked, or its user is not active.
   */
  authenticate(token: string): Promise<Viewer>;
  /** Drops the cached tokens of this user, or of all users. */
  invalidate(userId?: string): void;
}

/** Verifies signed tokens, and looks others up by hash. Concurrent lookups of one token share a query; invalid tokens are not cached. */
export function createAuthenticator({
  prisma,
  now,
  signed,
}: {
  readonly prisma: ServicePrisma<AuthMethods>;
  readonly now: () => Date;
  /** The kinds of signed tokens; undefined: every token is looked up. */
  readonly signed?: Pick<SignedTokens, 'authenticate'>;
}): Authenticator {
  const cache = new LRUCache<string, UserViewer>({
    max: maxCachedTokens,
    ttl: cacheMs,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  });
  // Replaced on invalidation: lookups in flight may return outdated results, so later requests must not join them and
  // their results are not cached.
  let lookups = new Map<string, Promise<UserViewer>>();

  async function lookUp(token: string, key: string, isCurrent: () => boolean): Promise<UserViewer> {
    const found = (await signed?.authenticate(token, key)) ?? (await lookUpStored(token));
    const time = now();
    const { viewer } = found;
    const leftMs = viewer.expires_at === null ? cacheMs : viewer.expires_at.getTime() - time.getTime();
    // A time to live of 0 would mean no expiry.
    if (isCurrent() && leftMs >= 1) cache.set(key, viewer, { ttl: Math.min(cacheMs, leftMs) });
    if (found.isLastUseStale) recordAccess(prisma, viewer, time);
    return viewer;
  }

  async function lookUpStored(token: string): Promise<SignedViewer> {
    const time = now();
    const [found] = await prisma.accessToken.findByHash(tokenHash(token), new Date(time.getTime() - accessIntervalMs));
    if (found === undefined) throw new RefusedToken({ kind: 'unknown' });
    refuseUnusable(found, time);
    return { viewer: viewerOf(found), isLastUseStale: found.is_last_use_stale };
  }

  function invalidate(userId?: string): void {
    lookups = new Map();
    if (userId === undefined) cache.clear();
    else for (const [key, viewer] of cache.entries()) if (viewer.id === userId) cache.delete(key);
  }

  onRevocation(prisma, invalidate);

  return {
    invalidate,
    async authenticate(token) {
      const key = tokenKey(token);
      const cached = cache.get(key);
      if (cached !== undefined) return cached;
      const current = lookups;
      const pending = current.get(key);
      if (pending !== undefined) return pending;
      const lookup = lookUp(token, key, () => current === lookups).finally(() => current.delete(key));
      current.set(key, lookup);
      return lookup;
    },
  };
}

/**
 * The token of a request: `Authorization: Bearer` (scheme in any case) or the query parameter `access_token`. Other
 * schemes are ignored.
 * @throws ServiceError INVALID_PAYLOAD when both are given, or the parameter is given twice.
 */
export function bearerToken(headers: IncomingHttpHeaders, query: unknown): string | undefined {
  const fromHeader = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const parameter = (query as { access_token?: unknown } | null | undefined)?.access_token;
  if (parameter === undefined || parameter === '') return fromHeader;
  if (typeof parameter !== 'string') throw invalidPayload('"access_token" must be a single value');
  if (fromHeader !== undefined)
    throw invalidPayload('The token is given both in the header and in the query: send only one');
  return parameter;
}

function viewerOf({ id, role, token_id, scopes, expires_at }: FoundToken): UserViewer {
  const expires = expires_at === null ? null : new Date(expires_at);
  return userViewer(id, toRole(role), {
    kind: 'access_token',
    id: token_id,
    scopes: toScopes(scopes),
    expires_at: expires,
  });
}

function refuseUnusable({ expires_at, status }: FoundToken, time: Date): void {
  const at = expires_at === null ? null : new Date(expires_at);
  if (at !== null && at <= time) throw new RefusedToken({ kind: 'expired', at });
  if (status !== 'active') throw new RefusedToken({ kind: 'inactive', status });
}

/** Not awaited, and a failure is harmless: the next request tries again. */
function recordAccess(prisma: AuthMethods, { id: userId, credential }: UserViewer, at: Date): void {
  const dueBefore = new Date(at.getTime() - accessIntervalMs);
  const tokenId = credential.kind === 'access_token' ? credential.id : null;
  prisma.accessToken.recordAccess({ userId, tokenId, at, dueBefore }).catch(() => undefined);
}
