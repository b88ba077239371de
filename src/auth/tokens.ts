import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { ServicePrisma } from '../database/prisma.ts';
import { invalidPayload } from '../errors.ts';
import { RefusedToken } from './refused-token.ts';
import { onRevocation } from './revocations.ts';
import type { FoundToken } from './sql/find-token.ts';
import type { AuthMethods } from './sql/methods.ts';
import { tokenHash } from './token-hash.ts';
import type { Viewer } from './viewer.ts';

/** Milliseconds for which a valid token is cached without asking the database. */
const rememberedMs = 2_000;
const rememberedTokens = 10_000;
/** Milliseconds between updates of the last access. */
const accessNotedMs = 60_000;

type UserViewer = Extract<Viewer, { kind: 'user' }>;

/** Converts tokens to viewers. */
export interface Authenticator {
  /**
   * The viewer of a token. A valid token is cached for two seconds; a revocation, or a change of the user's rights,
   * takes effect immediately on the node that made it and within two seconds elsewhere.
   * @throws RefusedToken (INVALID_CREDENTIALS) when the token is unknown or expired, or its user is not active.
   */
  authenticate(token: string): Promise<Viewer>;
  /** Drops the cached tokens of this user, or of all users. */
  forget(userId?: string): void;
}

/** Looks tokens up by hash. Concurrent lookups of one token share a query; invalid tokens are not cached. */
export function createAuthenticator({
  prisma,
  now,
}: {
  readonly prisma: ServicePrisma<AuthMethods>;
  readonly now: () => Date;
}): Authenticator {
  const remembered = new LRUCache<string, UserViewer>({
    max: rememberedTokens,
    ttl: rememberedMs,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  });
  // Replaced on invalidation: lookups in flight may return outdated results, so later requests must not join them and
  // their results are not cached.
  let asking = new Map<string, Promise<UserViewer>>();

  async function ask(hash: Uint8Array, key: string, isCurrent: () => boolean): Promise<UserViewer> {
    const time = now();
    const [found] = await prisma.accessToken.findByHash(hash, new Date(time.getTime() - accessNotedMs));
    if (found === undefined) throw new RefusedToken({ kind: 'unknown' });
    refuseUnusable(found, time);
    const viewer: UserViewer = { kind: 'user', id: found.id, role: found.role };
    const leftMs = found.expires_at === null ? rememberedMs : Date.parse(found.expires_at) - time.getTime();
    // A time to live of 0 would mean no expiry.
    if (isCurrent() && leftMs >= 1) remembered.set(key, viewer, { ttl: Math.min(rememberedMs, leftMs) });
    if (found.is_access_due) noteAccess(prisma, found, time);
    return viewer;
  }

  function forget(userId?: string): void {
    asking = new Map();
    if (userId === undefined) remembered.clear();
    else for (const [key, viewer] of remembered.entries()) if (viewer.id === userId) remembered.delete(key);
  }

  onRevocation(prisma, forget);

  return {
    forget,
    async authenticate(token) {
      const hash = tokenHash(token);
      const key = Buffer.from(hash).toString('base64');
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const underWay = asking;
      const asked = underWay.get(key);
      if (asked !== undefined) return asked;
      const answer = ask(hash, key, () => underWay === asking).finally(() => underWay.delete(key));
      underWay.set(key, answer);
      return answer;
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
  if (typeof parameter !== 'string') throw invalidPayload('"access_token" must be one text');
  if (fromHeader !== undefined) throw invalidPayload('A token is in the header and in the address: send one of them');
  return parameter;
}

function refuseUnusable({ expires_at, status }: FoundToken, time: Date): void {
  const at = expires_at === null ? null : new Date(expires_at);
  if (at !== null && at <= time) throw new RefusedToken({ kind: 'expired', at });
  if (status !== 'active') throw new RefusedToken({ kind: 'inactive', status });
}

/** Not awaited, and a failure is harmless: the next request tries again. */
function noteAccess(prisma: AuthMethods, { id, token_id }: FoundToken, at: Date): void {
  const dueBefore = new Date(at.getTime() - accessNotedMs);
  prisma.accessToken.noteAccess({ userId: id, tokenId: token_id, at, dueBefore }).catch(() => undefined);
}
