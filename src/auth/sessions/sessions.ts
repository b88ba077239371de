import { createHmac, randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { SignInConfig } from '../../config.ts';
import type { ServicePrisma } from '../../database/prisma.ts';
import { invalidCredentials } from '../../errors.ts';
import { isStorable } from '../../values.ts';
import { RefusedToken } from '../refused-token.ts';
import { announceRevocation } from '../revocations.ts';
import type { AuthMethods } from '../sql/methods.ts';
import { tokenHash } from '../token-hash.ts';
import { toRole, type UserViewer } from '../viewer.ts';
import { signAccessJwt, verifyAccessJwt } from './access-jwt.ts';
import type { SigningKey } from './signing-key.ts';

/**
 * How the tokens reach the client, as in Directus: in the answer; the refresh token in a cookie; or one cookie that is
 * both access token and refresh token.
 */
export const authModes = ['json', 'cookie', 'session'] as const;
export type AuthMode = (typeof authModes)[number];

/** Who signs in, for the list of sign-ins. */
export interface SessionClient {
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** The tokens of a sign-in. */
export interface IssuedTokens {
  readonly accessToken: string;
  /** Null in the mode `session`, where the access token is sent to refresh. */
  readonly refreshToken: string | null;
  /** Milliseconds until the access token expires. */
  readonly expiresMs: number;
}

/** Stores sign-ins and issues their tokens. */
export interface Sessions {
  /** @throws ServiceError INVALID_CREDENTIALS if the user has changed since the password was checked, or is not active. */
  start(
    signedIn: { readonly viewer: UserViewer; readonly passwordHash: string | null },
    mode: AuthMode,
    client: SessionClient,
  ): Promise<IssuedTokens>;
  /**
   * Replaces the tokens. The given token is refused from now on, in the mode `session` only after the grace period:
   * until then, further calls with it return the same new token.
   * @param token the refresh token; in the mode `session` the access token.
   * @throws RefusedToken as `verifyAccessJwt`; ServiceError INVALID_CREDENTIALS for a token that is not valid, or whose
   * user is not active.
   */
  refresh(mode: AuthMode, token: string, client: SessionClient): Promise<IssuedTokens>;
  /** Ends the sign-in of this token; nothing happens if it has ended. @param token as for `refresh` */
  end(mode: AuthMode, token: string): Promise<void>;
}

/** Number of random bytes in a secret; they are 64 characters of base64url. */
const secretBytes = 48;
const addressMax = 64;
const userAgentMax = 255;
const user = { select: { id: true, role: true, status: true } } as const;

type RefreshedUser = { readonly id: string; readonly role: string };

export function createSessions({
  prisma,
  key,
  now,
  config,
}: {
  readonly prisma: ServicePrisma<AuthMethods>;
  readonly key: SigningKey;
  readonly now: () => Date;
  readonly config: SignInConfig;
}): Sessions {
  const validMs = (mode: AuthMode) => (mode === 'session' ? config.sessionTtlMs : config.refreshTtlMs);

  async function issue(
    { id, role }: RefreshedUser,
    mode: AuthMode,
    { sessionId, secret }: { readonly sessionId: string; readonly secret: string },
    issuedAt: Date,
  ): Promise<IssuedTokens> {
    const isSession = mode === 'session';
    const expiresMs = isSession ? config.sessionTtlMs : config.accessTtlMs;
    const accessToken = await signAccessJwt(
      await key(),
      { id, role: toRole(role) },
      { sessionId, secret: isSession ? secret : null, issuedAt, expiresAt: new Date(issuedAt.getTime() + expiresMs) },
    );
    return { accessToken, refreshToken: isSession ? null : secret, expiresMs };
  }

  async function refreshByToken(mode: AuthMode, token: string, client: SessionClient): Promise<IssuedTokens> {
    const time = now();
    const sha256 = tokenHash(token);
    const where = { sha256, expires_at: { gt: time } };
    const found = await prisma.session.findFirst({ where, select: { id: true, user } });
    if (found?.user.status !== 'active') throw invalidCredentials();
    const secret = newSecret();
    const data = { ...seenOf(client), sha256: tokenHash(secret), ...timesOf(time, validMs(mode)) };
    // Of concurrent refreshes with one token, only the first finds its hash.
    const { count } = await prisma.session.updateMany({ where, data });
    if (count === 0) throw invalidCredentials();
    return issue(found.user, mode, { sessionId: found.id, secret }, time);
  }

  async function refreshSession(token: string, client: SessionClient): Promise<IssuedTokens> {
    const time = now();
    const { sessionId, secret: old } = await verifyAccessJwt(await key(), token, time);
    if (old === null) throw invalidCredentials();
    // Derived from the old secret, so that concurrent requests with the old token get the same new token, although only
    // hashes are stored.
    const secret = createHmac('sha512', await key())
      .update(`session ${old}`)
      .digest('base64url')
      .slice(0, 64);
    const [oldHash, newHash] = [tokenHash(old), tokenHash(secret)];
    const previous = { previous_sha256: oldHash, previous_until: new Date(time.getTime() + config.graceMs) };
    const { count } = await prisma.session.updateMany({
      where: { id: sessionId, sha256: oldHash, expires_at: { gt: time }, user: { status: 'active' } },
      data: { ...seenOf(client), sha256: newHash, ...previous, ...timesOf(time, config.sessionTtlMs) },
    });
    const inGrace = { previous_sha256: oldHash, previous_until: { gt: time } };
    const found = await prisma.session.findFirst({
      where: { id: sessionId, sha256: newHash, ...(count === 0 ? inGrace : {}) },
      select: { user },
    });
    if (found?.user.status !== 'active') throw invalidCredentials();
    return issue(found.user, 'session', { sessionId, secret }, time);
  }

  /** Null for an access token that is not valid. */
  async function sessionOf(token: string): Promise<{ readonly id: string } | null> {
    try {
      return { id: (await verifyAccessJwt(await key(), token, now())).sessionId };
    } catch (error) {
      if (error instanceof RefusedToken) return null;
      throw error;
    }
  }

  return {
    async start({ viewer, passwordHash }, mode, client) {
      const time = now();
      const [sessionId, secret] = [uuid(), newSecret()];
      const { ip, user_agent: userAgent } = seenOf(client);
      const expiresAt = new Date(time.getTime() + validMs(mode));
      const sha256 = tokenHash(secret);
      const { id: userId } = viewer;
      const stored = { id: sessionId, userId, passwordHash, sha256, ip, userAgent, at: time, expiresAt };
      if ((await prisma.session.start(stored)).length === 0) throw invalidCredentials();
      return issue(viewer, mode, { sessionId, secret }, time);
    },

    refresh: (mode, token, client) =>
      mode === 'session' ? refreshSession(token, client) : refreshByToken(mode, token, client),

    async end(mode, token) {
      const where = mode === 'session' ? await sessionOf(token) : { sha256: tokenHash(token) };
      if (where === null) return;
      const found = await prisma.session.findFirst({ where, select: { id: true, user_id: true } });
      if (found === null) return;
      await prisma.session.deleteMany({ where: { id: found.id } });
      announceRevocation(prisma, found.user_id);
    },
  };
}

function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

function timesOf(time: Date, validMs: number) {
  return { last_used_at: time, expires_at: new Date(time.getTime() + validMs) };
}

function seenOf({ address, userAgent }: SessionClient) {
  const agent = userAgent?.slice(0, userAgentMax);
  return { ip: address.slice(0, addressMax), user_agent: agent !== undefined && isStorable(agent) ? agent : null };
}
