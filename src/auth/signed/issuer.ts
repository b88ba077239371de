import type { Scope } from '../viewer.ts';

/** By what the user claim of a token names a user. */
export const userKeys = ['id', 'external_id', 'email'] as const;

/** Whose tokens are accepted, and how they are read. */
export interface Issuer {
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** The address of the public keys (JWK Set); null: the tokens are signed with `secret`. */
  readonly jwks_url: string | null;
  readonly secret: string | null;
  /** `aud` must be one of these. */
  readonly audience: readonly string[];
  /** Seconds by which the clocks may differ. */
  readonly clock_skew: number;
  /** Names of claims. */
  readonly user_claim: string;
  readonly user_key: (typeof userKeys)[number];
  readonly name_claim: string;
  readonly email_claim: string;
  /** Null: every token has the rights of a member, whatever its user is. */
  readonly role_claim: string | null;
  /** Null: everything that the role allows. */
  readonly scopes: readonly Scope[] | null;
  /** Whether a user is created for a valid token of an unknown one. */
  readonly creates_users: boolean;
}

/** The usual values of an issuer. */
export const issuerDefaults = {
  clock_skew: 30,
  user_claim: 'sub',
  user_key: 'external_id',
  name_claim: 'name',
  email_claim: 'email',
  role_claim: null,
  scopes: ['inbox', 'preferences'],
  creates_users: false,
} as const satisfies Partial<Issuer>;

/** Minimum characters of a shared secret: as many bits as SHA-256 has (RFC 7518, section 3.2). */
export const secretLeast = 32;
