import { errors, jwtVerify, SignJWT } from 'jose';
import { v7 as uuid } from 'uuid';
import { parseUuid } from '../../values.ts';
import { RefusedToken } from '../refused-token.ts';
import { type Scope, toScopes } from '../viewer.ts';
import type { SignedTokenKind } from './signed-tokens.ts';
import { type SigningKeys, signingAlgorithm } from './signing-keys.ts';

/** `iss` and `aud` of minted tokens. */
const issuer = 'tidings';
const tokenType = 'JWT';

/** A token to mint. */
export interface TokenToMint {
  readonly userId: string;
  readonly scopes: readonly Scope[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/**
 * Signs a token with the newest key. `iat` has milliseconds, so that a revocation earlier in the same second does not
 * end the token.
 */
export async function mintToken(keys: SigningKeys, token: TokenToMint): Promise<string> {
  const { id: kid, key } = await keys.newest();
  return new SignJWT({ scope: token.scopes.join(' ') })
    .setProtectedHeader({ alg: signingAlgorithm, typ: tokenType, kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(token.userId)
    .setJti(uuid())
    .setIssuedAt(token.issuedAt.getTime() / 1000)
    .setExpirationTime(token.expiresAt)
    .sign(key);
}

/** The kind of the tokens that `mintToken` creates, on any node. */
export function mintedTokens(keys: SigningKeys, now: () => Date): SignedTokenKind {
  return {
    recognizes: ({ claims }) => claims['iss'] === issuer,
    async verify({ text, header }) {
      const { kid } = header;
      const key = typeof kid === 'string' ? await keys.find(kid) : undefined;
      if (typeof kid !== 'string' || key === undefined) throw new RefusedToken({ kind: 'unknown' });
      const { payload } = await verified(() =>
        jwtVerify(text, key, {
          algorithms: [signingAlgorithm],
          issuer,
          audience: issuer,
          typ: tokenType,
          requiredClaims: ['sub', 'jti', 'iat', 'exp', 'scope'],
          currentDate: now(),
        }),
      );
      const { sub = '', jti = null, iat = 0, exp = 0, scope } = payload;
      const userId = parseUuid(sub);
      if (userId === null) throw new RefusedToken({ kind: 'unknown' });
      return {
        userId,
        credential: {
          kind: 'minted_token',
          id: jti,
          scopes: toScopes(String(scope)),
          expires_at: new Date(exp * 1000),
        },
        issuedAt: new Date(Math.round(iat * 1000)),
        role: undefined,
        isTrusted: async () => (await keys.find(kid)) !== undefined,
      };
    },
  };
}

/**
 * Runs a verification with `jose`, which reads only the token and the key.
 * @throws RefusedToken in place of any error
 */
export async function verified<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const at = new Date(Number(error.payload.exp) * 1000);
      throw new RefusedToken({ kind: 'expired', at, isSigned: true });
    }
    // `jose` throws other errors than its own, too: a TypeError for a weak or malformed key.
    throw new RefusedToken({ kind: 'unknown' });
  }
}
