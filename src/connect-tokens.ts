import { setTimeout } from 'node:timers/promises';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import { createFlowCookies } from './auth/oidc/flow-cookie.ts';
import { createOidcRequests, type OidcRequests } from './auth/oidc/oidc-requests.ts';
import { findOidcUser } from './auth/oidc/oidc-user.ts';
import { createOidcProvider } from './auth/oidc/provider.ts';
import { createPasswordGate } from './auth/password-gate.ts';
import { createPasswordResets, type PasswordResets, type ResetMail } from './auth/password-reset/password-resets.ts';
import { createResetTokens, type ResetTokens } from './auth/password-reset/reset-tokens.ts';
import { createSeal } from './auth/seal.ts';
import { type AuthRequests, createAuthRequests } from './auth/sessions/auth-requests.ts';
import { startSessionPurge } from './auth/sessions/purge-sessions.ts';
import { sessionTokens } from './auth/sessions/session-tokens.ts';
import { createSessions } from './auth/sessions/sessions.ts';
import { createSigningKey } from './auth/sessions/signing-key.ts';
import { createSignIn, type SignIn } from './auth/sign-in.ts';
import { fetchKeys } from './auth/signed/fetch-keys.ts';
import { hostTokens } from './auth/signed/host-tokens.ts';
import { findHostUser } from './auth/signed/host-user.ts';
import type { Issuer } from './auth/signed/issuer.ts';
import { createIssuers, type Issuers } from './auth/signed/issuers.ts';
import { createKeySet, sharedSecret } from './auth/signed/key-set.ts';
import { mintedTokens } from './auth/signed/minted-tokens.ts';
import { createSignedTokens } from './auth/signed/signed-tokens.ts';
import { createSigningKeys, type SigningKeys } from './auth/signed/signing-keys.ts';
import { type Authenticate, guardTokens } from './auth/token-guard.ts';
import { createTokenWatch, type TokenWatch } from './auth/token-watch.ts';
import { createAuthenticator } from './auth/tokens.ts';
import type { Config } from './config.ts';
import type { DatabaseIdentity } from './database/identity.ts';
import type { FullPrisma } from './prisma.ts';

/** The services that identify viewers by their tokens and passwords. */
export interface Tokens {
  readonly authenticate: Authenticate;
  readonly tokens: TokenWatch;
  readonly signIn: SignIn;
  readonly auth: AuthRequests;
  readonly passwordResets: PasswordResets;
  /** Creates the token of the link in a mail that resets a password. */
  readonly resetToken: ResetTokens['sign'];
  /** Undefined: no identity provider is configured. */
  readonly oidc: OidcRequests | undefined;
  readonly signingKeys: SigningKeys;
  readonly issuers: Issuers;
  /** Stops watching open connections, and purging. */
  stop(): void;
}

/** Registers every kind of token: signed ones are recognized by their claims, all others are looked up. */
export function connectTokens(
  {
    secret,
    wrongTokenLimit,
    issuer,
    signIn: config,
    oidc: oidcConfig,
    publicUrl,
  }: Pick<Config, 'secret' | 'wrongTokenLimit' | 'issuer' | 'signIn' | 'oidc' | 'publicUrl'>,
  {
    prisma,
    identity,
    log,
    now,
    baseUrl,
    sendReset,
  }: {
    readonly prisma: FullPrisma;
    readonly identity: DatabaseIdentity;
    readonly log: Logger;
    readonly now: () => Date;
    /** The public address of the service. */
    readonly baseUrl: () => string;
    /** Enqueues a mail that resets a password. */
    readonly sendReset: (mail: ResetMail) => Promise<void>;
  },
): Tokens {
  const seal = createSeal(secret);
  const signingKeys = createSigningKeys({
    prisma,
    seal,
    now,
    onUnreadable: (err) => log.warn({ err }, 'the signing key cannot be read with this SECRET: a new one is made'),
  });
  const issuers = createIssuers({
    prisma,
    seal,
    now,
    configured: issuer,
    onUnreadable: (err) => log.warn({ err }, 'the secret of an issuer cannot be read with this SECRET'),
  });
  const openKeys = ({ secret: shared, jwks_url: url, issuer: name }: Issuer) => {
    if (shared !== null) return sharedSecret(shared);
    const onFailed = (err: unknown) => log.warn({ err, issuer: name }, 'failed to fetch the keys of an issuer');
    return createKeySet({ fetchKeys: () => fetchKeys(url ?? ''), now, onFailed });
  };
  const findUser = (of: Issuer, claims: JWTPayload) => findHostUser(prisma, of, claims);
  const key = createSigningKey(prisma, secret, identity);
  const kinds = [
    mintedTokens(signingKeys, now),
    sessionTokens({ prisma, key, now }),
    hostTokens({ issuers, now, openKeys, findUser }),
  ];
  const signed = createSignedTokens({ prisma, now, kinds });
  const authenticator = createAuthenticator({ prisma, now, signed });
  const authenticate = guardTokens((token) => authenticator.authenticate(token), { perMinute: wrongTokenLimit, log });
  const tokens = createTokenWatch({ prisma, now, signed });
  const gate = createPasswordGate({ wait: (ms, signal) => setTimeout(ms, undefined, signal && { signal }) });
  const signIn = createSignIn({ prisma, authenticate, tokens, gate });
  const sessions = createSessions({ prisma, key, now, config });
  const isPublicSecure = publicUrl?.startsWith('https:') ?? false;
  const auth = createAuthRequests({ signIn, sessions, config, isPublicSecure });
  const resetTokens = createResetTokens(key, now);
  const passwordResets = createPasswordResets({
    prisma,
    tokens: resetTokens,
    gate,
    now,
    log,
    allowedUrls: config.resetUrls,
    send: sendReset,
  });
  const oidc =
    oidcConfig &&
    createOidcRequests({
      provider: createOidcProvider(oidcConfig, now),
      flows: createFlowCookies(key, now),
      findUser: (claims) => findOidcUser(prisma, claims, oidcConfig),
      auth,
      redirects: oidcConfig.redirects,
      baseUrl,
    });
  const endPurge = startSessionPurge(prisma, now, log);
  return {
    authenticate,
    tokens,
    signIn,
    auth,
    passwordResets,
    resetToken: resetTokens.sign,
    oidc,
    signingKeys,
    issuers,
    stop() {
      tokens.stop();
      endPurge();
    },
  };
}
