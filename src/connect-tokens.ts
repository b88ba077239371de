import type { Logger } from 'pino';
import { createSeal } from './auth/seal.ts';
import { createSignIn, type SignIn } from './auth/sign-in.ts';
import { mintedTokens } from './auth/signed/minted-tokens.ts';
import { createSignedTokens } from './auth/signed/signed-tokens.ts';
import { createSigningKeys, type SigningKeys } from './auth/signed/signing-keys.ts';
import { type Authenticate, guardTokens } from './auth/token-guard.ts';
import { createTokenWatch, type TokenWatch } from './auth/token-watch.ts';
import { createAuthenticator } from './auth/tokens.ts';
import type { Config } from './config.ts';
import type { FullPrisma } from './prisma.ts';

/** What turns tokens and passwords into viewers. */
export interface Tokens {
  readonly authenticate: Authenticate;
  readonly tokens: TokenWatch;
  readonly signIn: SignIn;
  readonly signingKeys: SigningKeys;
  /** Stops watching open connections. */
  stop(): void;
}

/** Registers every kind of token: signed ones are recognized by their claims, all others are looked up. */
export function connectTokens(
  { secret, wrongTokenLimit }: Pick<Config, 'secret' | 'wrongTokenLimit'>,
  { prisma, log, now }: { readonly prisma: FullPrisma; readonly log: Logger; readonly now: () => Date },
): Tokens {
  const seal = createSeal(secret);
  const signingKeys = createSigningKeys({
    prisma,
    seal,
    now,
    onUnreadable: (err) => log.warn({ err }, 'the signing key cannot be read with this SECRET: a new one is made'),
  });
  const signed = createSignedTokens({ prisma, now, kinds: [mintedTokens(signingKeys, now)] });
  const authenticator = createAuthenticator({ prisma, now, signed });
  const authenticate = guardTokens((token) => authenticator.authenticate(token), { perMinute: wrongTokenLimit, log });
  const tokens = createTokenWatch({ prisma, now, signed });
  const signIn = createSignIn({ prisma, authenticate, tokens });
  return {
    authenticate,
    tokens,
    signIn,
    signingKeys,
    stop() {
      tokens.stop();
      signIn.stop();
    },
  };
}
