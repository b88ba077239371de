import { errors, jwtVerify, SignJWT } from 'jose';
import { parseUuid } from '../../values.ts';
import { RefusedToken } from '../refused-token.ts';
import type { UserViewer } from '../viewer.ts';

/** The issuer that clients of Directus expect. */
export const accessIssuer = 'directus';

/** The sign-in that an access token belongs to. */
export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** In the mode `session`, the token that the next refresh replaces; else null. */
  readonly secret: string | null;
  /** The end of the second in `iat`, so that a revocation earlier in that second does not end the token. */
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Signs an access token with HS256. Times are cut to seconds. */
export function signAccessJwt(
  key: Uint8Array,
  viewer: Pick<UserViewer, 'id' | 'role'>,
  { sessionId, secret, issuedAt, expiresAt }: Omit<AccessClaims, 'userId'>,
): Promise<string> {
  const { id, role } = viewer;
  const session = secret === null ? sessionId : `${sessionId}.${secret}`;
  return new SignJWT({ id, role, app_access: true, admin_access: role === 'admin', session })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(Math.floor(issuedAt.getTime() / 1000))
    .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
    .setIssuer(accessIssuer)
    .sign(key);
}

/** @throws RefusedToken (TOKEN_EXPIRED) after its expiry; (INVALID_TOKEN) if it was not signed with the key. */
export async function verifyAccessJwt(key: Uint8Array, token: string, now: Date): Promise<AccessClaims> {
  const options = { algorithms: ['HS256'], issuer: accessIssuer, currentDate: now, requiredClaims: ['exp', 'iat'] };
  try {
    const { payload } = await jwtVerify(token, key, options);
    const [sessionId = '', secret = null] = String(payload['session']).split('.');
    const userId = payload['id'];
    if (typeof userId !== 'string' || parseUuid(userId) === null || parseUuid(sessionId) === null) {
      throw new RefusedToken({ kind: 'invalid' });
    }
    const { iat = 0, exp = 0 } = payload;
    return { userId, sessionId, secret, issuedAt: new Date(iat * 1000 + 999), expiresAt: new Date(exp * 1000) };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new RefusedToken({ kind: 'expired', at: new Date((error.payload.exp ?? 0) * 1000), isSigned: true });
    }
    if (error instanceof errors.JOSEError) throw new RefusedToken({ kind: 'invalid' });
    throw error;
  }
}
