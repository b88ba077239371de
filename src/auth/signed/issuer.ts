import type { Scope } from '../viewer.ts';

/** The user field that a token's user claim may hold. */
export const userKeys = ['id', 'external_id', 'email'] as const;

/** An issuer whose tokens are accepted, and how they are read. */
export interface Issuer {
  /** The claim `iss` of the tokens. */
  readonly issuer: string;
  /** The address of the public keys (JWK Set); null: the tokens are signed with `secret`. */
  readonly jwks_url: string | null;
  readonly secret: string | null;
  /** The claim `aud` must contain one of these. */
  readonly audience: readonly string[];
  /** Seconds by which the clocks of the issuer and this service may differ. */
  readonly clock_skew: number;
  /** Name of the claim that identifies the user. */
  readonly user_claim: string;
  /** The user field that the user claim holds. */
  readonly user_key: (typeof userKeys)[number];
  /** Names of the claims with the name, e-mail address and role of the user. */
  readonly name_claim: string;
  readonly email_claim: string;
  /** Null: every token has the rights of a member, whatever the role of its user. */
  readonly role_claim: string | null;
  /** Null: everything that the role allows. */
  readonly scopes: readonly Scope[] | null;
  /** Whether a user is created for a valid token whose user does not exist. */
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

/** Minimum characters of a shared secret: it must have as many bits as a SHA-256 hash (RFC 7518, section 3.2). */
export const minSecretLength = 32;
