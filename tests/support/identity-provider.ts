import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

/** A user at the provider, as claims without `sub`. */
export type Account = Readonly<Record<string, unknown>>;

/** A real provider of OpenID Connect on a free port. It answers nothing before `open`, and after `close`. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly accounts: Map<string, Account>;
  /** Who signs in next: a key of `accounts`. */
  subject: string;
  /** Begins to answer, for a client whose users return to this address. */
  open(redirectUri: string): Promise<void>;
  /** Ends every connection, and refuses those that follow. */
  close(): void;
  stop(): Promise<void>;
}

export const oidcClient = { client_id: 'tidings', client_secret: 'a-secret-of-the-client' };

export async function startIdentityProvider(): Promise<IdentityProvider> {
  let answer: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  const server = createServer((request, response) => {
    if (answer === undefined) request.socket.destroy();
    else answer(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'first' };

  const started: IdentityProvider = {
    issuer,
    accounts: new Map(),
    subject: '',
    async open(redirectUri) {
      const provider = createProvider(issuer, { redirectUri, key, accounts: started.accounts });
      const handle = provider.callback();
      answer = async (request, response) => {
        // The page on which people sign in.
        if (!request.url?.startsWith('/interaction/')) return handle(request, response);
        await provider.interactionFinished(request, response, { login: { accountId: started.subject } });
      };
    },
    close() {
      answer = undefined;
      server.closeAllConnections();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return started;
}

interface GrantContext {
  readonly oidc: {
    readonly provider: Provider;
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
  };
}

function createProvider(
  issuer: string,
  { redirectUri, key, accounts }: { redirectUri: string; key: object; accounts: ReadonlyMap<string, Account> },
): Provider {
  return new Provider(issuer, {
    clients: [{ ...oidcClient, redirect_uris: [redirectUri] }],
    jwks: { keys: [key] },
    cookies: { keys: ['a key of the tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name', 'groups'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    pkce: { required: () => true },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...accounts.get(sub) }),
    }),
    // Nobody is asked for consent.
    async loadExistingGrant({ oidc: { provider, client, session } }: GrantContext) {
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
}
