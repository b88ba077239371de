import { type JWTPayload, jwtVerify } from 'jose';
import { RefusedToken } from '../refused-token.ts';
import { type Role, roles } from '../viewer.ts';
import type { Issuer } from './issuer.ts';
import type { Issuers, KnownIssuer } from './issuers.ts';
import type { FindKey } from './key-set.ts';
import { verified } from './minted-tokens.ts';
import type { SignedTokenKind } from './signed-tokens.ts';

export interface HostTokensOptions {
  readonly issuers: Issuers;
  readonly now: () => Date;
  /** Returns the function that finds the keys of an issuer; called once for each revision of the issuer. */
  readonly openKeys: (issuer: Issuer) => FindKey;
  /** The id of the user whom the claims name, created if that is allowed; null: there is none. */
  readonly findUser: (issuer: Issuer, claims: JWTPayload) => Promise<string | null>;
}

/** Types of tokens that grant access; others, such as logout tokens, are signed by the same keys. */
const accessTypes: ReadonlySet<unknown> = new Set([
  undefined,
  'jwt',
  'at+jwt',
  'application/jwt',
  'application/at+jwt',
]);

/** Tokens that an application or its identity provider signs. */
export function hostTokens({ issuers, now, openKeys, findUser }: HostTokensOptions): SignedTokenKind {
  const keys = new Map<string, { readonly revision: string; readonly find: FindKey }>();

  function keysOf(issuer: KnownIssuer): FindKey {
    const known = keys.get(issuer.issuer);
    if (known?.revision === issuer.revision) return known.find;
    const find = openKeys(issuer);
    keys.set(issuer.issuer, { revision: issuer.revision, find });
    return find;
  }

  return {
    recognizes: async ({ claims: { iss } }) => typeof iss === 'string' && (await issuers.find(iss)) !== undefined,
    async verify({ text, header, claims }) {
      const issuer = await issuers.find(String(claims['iss']));
      const { typ } = header;
      const isAccess = accessTypes.has(typeof typ === 'string' ? typ.toLowerCase() : typ);
      const found = issuer && isAccess ? await keysOf(issuer)(header) : undefined;
      if (issuer === undefined || found === undefined) throw new RefusedToken({ kind: 'unknown' });
      const { payload } = await verified(() =>
        jwtVerify(text, found.key, {
          algorithms: [String(header['alg'])],
          issuer: issuer.issuer,
          audience: [...issuer.audience],
          clockTolerance: issuer.clock_skew,
          requiredClaims: ['exp'],
          currentDate: now(),
        }),
      );
      const userId = await findUser(issuer, payload);
      if (userId === null) throw new RefusedToken({ kind: 'unknown' });
      const { exp = 0, iat, jti } = payload;
      return {
        userId,
        credential: {
          kind: 'host_token',
          id: typeof jti === 'string' ? jti : null,
          scopes: issuer.scopes,
          expires_at: new Date((exp + issuer.clock_skew) * 1000),
        },
        issuedAt: iat === undefined ? undefined : new Date(iat * 1000),
        role: roleOf(issuer, payload),
        async isTrusted() {
          const current = await issuers.find(issuer.issuer);
          if (current?.revision !== issuer.revision) return false;
          return (await keysOf(current)(header))?.fingerprint === found.fingerprint;
        },
      };
    },
  };
}

/** The highest role that the claim names, as a text or in a list; `member` if it names none. */
function roleOf({ role_claim }: Issuer, claims: JWTPayload): Role {
  if (role_claim === null) return 'member';
  const claim = Object.hasOwn(claims, role_claim) ? claims[role_claim] : undefined;
  const names: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return roles.find((role) => names.includes(role)) ?? 'member';
}
