import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import pino from 'pino';
import { createSeal } from '../../src/auth/seal.ts';
import { fetchKeys } from '../../src/auth/signed/fetch-keys.ts';
import { hostTokens } from '../../src/auth/signed/host-tokens.ts';
import { findHostUser } from '../../src/auth/signed/host-user.ts';
import { type Issuer, issuerDefaults } from '../../src/auth/signed/issuer.ts';
import { createIssuers } from '../../src/auth/signed/issuers.ts';
import { createKeySet, sharedSecret } from '../../src/auth/signed/key-set.ts';
import { createSignedTokens } from '../../src/auth/signed/signed-tokens.ts';
import type { Database } from '../../src/database/database.ts';
import { servicePrisma } from '../../src/prisma.ts';

export const log = pino({ level: 'silent' });
export const issuerName = 'https://login.example.com';
export const audience = 'tidings-of-the-application';

/** A key pair of a provider. */
export interface ProviderKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function aKey(alg: string, kid: string): Promise<ProviderKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

/** A token of the provider; claims and header can be replaced. */
export function aToken(
  { kid, alg, privateKey }: Pick<ProviderKey, 'kid' | 'alg'> & { readonly privateKey: CryptoKey | Uint8Array },
  claims: JWTPayload = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const usual = { iss: issuerName, aud: audience, sub: 'user-1', iat: seconds, exp: seconds + 600 };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(privateKey);
}

/** A server that publishes the public keys, which can be replaced, and counts its requests. */
export async function startProvider(keys: readonly ProviderKey[]) {
  let answer = () => ({ status: 200, headers: {}, body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }) });
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    const { status, headers, body } = answer();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    requests: () => requests,
    publish(next: readonly ProviderKey[]) {
      answer = () => ({ status: 200, headers: {}, body: JSON.stringify({ keys: next.map(({ jwk }) => jwk) }) });
    },
    answerWith(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
      answer = () => ({ status, headers, body });
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A node that accepts the tokens of one issuer, and its clock. */
export function aNode(db: Database, given: Partial<Issuer>) {
  const prisma = servicePrisma(db);
  const clock = { aheadMs: 0 };
  const now = () => new Date(Date.now() + clock.aheadMs);
  const configured: Issuer = {
    ...issuerDefaults,
    jwks_url: null,
    secret: null,
    issuer: issuerName,
    audience: [audience],
    ...given,
  };
  const failures = new EventEmitter();
  let failed = 0;
  failures.on('failure', () => {
    failed += 1;
  });
  const issuers = createIssuers({
    prisma,
    seal: createSeal(undefined),
    now,
    configured,
    onUnreadable: () => undefined,
  });
  const kind = hostTokens({
    issuers,
    now,
    openKeys: ({ secret, jwks_url }) =>
      secret === null
        ? createKeySet({
            fetchKeys: () => fetchKeys(jwks_url ?? ''),
            now,
            onFailed: () => void failures.emit('failure'),
          })
        : sharedSecret(secret),
    findUser: (issuer, claims) => findHostUser(prisma, issuer, claims),
  });
  const signed = createSignedTokens({ prisma, now, kinds: [kind] });
  return {
    clock,
    /** Resolves when the keys could not be fetched for the nth time. */
    async failure(nth: number) {
      while (failed < nth) await once(failures, 'failure');
    },
    authenticate: async (token: string) => (await signed.authenticate(token, token))?.viewer,
    findValid: signed.findValid,
  };
}
