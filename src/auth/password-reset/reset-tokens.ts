import { createHmac, hkdfSync } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { parseUuid } from '../../values.ts';
import { RefusedToken } from '../refused-token.ts';
import type { SigningKey } from '../sessions/signing-key.ts';

/** Milliseconds after the request until the link expires. */
export const resetValidMs = 60 * 60 * 1000;

/** What the token of a link says. It may be stored: without the key, no token can be made from it. */
export interface PasswordReset {
  /** Stands for the e-mail address, the password and the last suspension of the user at the time of the request. */
  readonly fingerprint: string;
  /** When the link expires, as ISO-8601 UTC text. */
  readonly expires_at: string;
}

/** The fields of a user that make a token invalid when they change. */
export interface ResettableUser {
  readonly id: string;
  readonly email: string | null;
  readonly password_hash: string | null;
  /** When the user was suspended last. */
  readonly suspended_at: Date | null;
}

/** The tokens in the links that reset passwords. */
export interface ResetTokens {
  fingerprint(user: ResettableUser): Promise<string>;
  /** The same token for the same arguments, up to the second of the expiry. */
  sign(userId: string, reset: PasswordReset): Promise<string>;
  /**
   * The user and the fingerprint that the token was signed for.
   * @throws RefusedToken TOKEN_EXPIRED after its expiry; INVALID_TOKEN if it was not signed here
   */
  verify(token: string): Promise<{ readonly userId: string; readonly fingerprint: string }>;
}

const scope = 'password-reset';
const issuer = 'directus';

/**
 * A token is a signed text, so nothing secret is stored for it. It works once, because the new password changes the
 * fingerprint. Its key is derived from the one of access tokens, so that neither is accepted as the other.
 */
export function createResetTokens(key: SigningKey, now: () => Date): ResetTokens {
  const derived = async (purpose: string) =>
    new Uint8Array(hkdfSync('sha256', await key(), '', `tidings: password reset, ${purpose}`, 32));
  return {
    async fingerprint({ id, email, password_hash, suspended_at }) {
      const text = JSON.stringify([id, email, password_hash, suspended_at]);
      return createHmac('sha256', await derived('fingerprint'))
        .update(text)
        .digest('base64url');
    },

    async sign(userId, { fingerprint, expires_at }) {
      return new SignJWT({ id: userId, scope, hash: fingerprint })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setExpirationTime(Math.floor(Date.parse(expires_at) / 1000))
        .setIssuer(issuer)
        .sign(await derived('token'));
    },

    async verify(token) {
      const options = { algorithms: ['HS256'], issuer, currentDate: now(), requiredClaims: ['exp'] };
      try {
        const { payload } = await jwtVerify(token, await derived('token'), options);
        const { id, hash } = payload;
        if (
          payload['scope'] !== scope ||
          typeof id !== 'string' ||
          parseUuid(id) === null ||
          typeof hash !== 'string'
        ) {
          throw new RefusedToken({ kind: 'invalid' });
        }
        return { userId: id, fingerprint: hash };
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw new RefusedToken({ kind: 'expired', at: new Date((error.payload.exp ?? 0) * 1000), isSigned: true });
        }
        if (error instanceof errors.JOSEError) throw new RefusedToken({ kind: 'invalid' });
        throw error;
      }
    },
  };
}
