import { randomBytes } from 'node:crypto';
import type * as client from 'openid-client';
import type { OidcConfig } from '../../config.ts';
import { OidcFailure } from './oidc-failure.ts';

/** What belongs to one sign-in and must be the same when the browser returns. */
export interface FlowSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

/** The verified claims of a user: those of the ID token, and of the userinfo endpoint if there is one. */
export type OidcClaims = Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string };

/** The identity provider. Its metadata is fetched when it is first needed. */
export interface OidcProvider {
  /** Where the browser signs in. @throws OidcFailure PROVIDER_UNAVAILABLE */
  authorizationUrl(flow: FlowSecrets, redirectUri: string): Promise<URL>;
  /**
   * Exchanges the code with which the browser returned. The library checks `state`, `iss`, `aud`, `exp`, `nonce` and the
   * signature.
   * @param returned the address of the redirect, with the parameters of the provider
   * @throws OidcFailure PROVIDER_REFUSED, PROVIDER_UNAVAILABLE
   */
  exchange(returned: URL, flow: FlowSecrets): Promise<OidcClaims>;
}

/** Loaded by the first sign-in: most services have no identity provider, and the library needs 6 MB. */
const library = () => import('openid-client');

/** The secrets of a new sign-in, of 256 bits each. */
export function newFlowSecrets(): FlowSecrets {
  const secret = () => randomBytes(32).toString('base64url');
  return { state: secret(), nonce: secret(), verifier: secret() };
}

const timeoutSeconds = 5;
/** How long metadata is used before it is fetched again, in milliseconds. */
const freshMs = 60 * 60 * 1000;

export function createOidcProvider(config: OidcConfig, now: () => Date): OidcProvider {
  let known: { readonly metadata: client.Configuration; readonly until: number } | undefined;
  let pending: Promise<client.Configuration> | undefined;

  async function fetchMetadata(): Promise<client.Configuration> {
    try {
      const metadata = await discover(config);
      known = { metadata, until: now().getTime() + freshMs };
      return metadata;
    } catch (cause) {
      // Earlier metadata is better than none.
      if (known !== undefined) return known.metadata;
      throw new OidcFailure('PROVIDER_UNAVAILABLE', { cause });
    } finally {
      pending = undefined;
    }
  }

  function metadataOf(): Promise<client.Configuration> {
    if (known !== undefined && now().getTime() < known.until) return Promise.resolve(known.metadata);
    // Concurrent sign-ins fetch once.
    pending ??= fetchMetadata();
    return pending;
  }

  return {
    async authorizationUrl({ state, nonce, verifier }, redirectUri) {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await library();
      return buildAuthorizationUrl(await metadataOf(), {
        redirect_uri: redirectUri,
        scope: config.scopes.join(' '),
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
    },
    async exchange(returned, { state, nonce, verifier }) {
      const { authorizationCodeGrant, fetchUserInfo } = await library();
      const metadata = await metadataOf();
      try {
        const tokens = await authorizationCodeGrant(metadata, returned, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new OidcFailure('PROVIDER_REFUSED');
        if (metadata.serverMetadata().userinfo_endpoint === undefined) return claims;
        return withUserInfo(claims, await fetchUserInfo(metadata, tokens.access_token, claims.sub));
      } catch (cause) {
        throw new OidcFailure(isUnavailable(cause) ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED', { cause });
      }
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<client.Configuration> {
  const openId = await library();
  const url = new URL(issuer);
  const authentication: client.ClientAuth =
    clientSecret === undefined
      ? openId.None()
      : (server, ...rest) => {
          // As in the specification, a provider that names no methods supports the first.
          const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
          const isBasic = methods.includes('client_secret_basic');
          return (isBasic ? openId.ClientSecretBasic : openId.ClientSecretPost)(clientSecret)(server, ...rest);
        };
  return openId.discovery(url, clientId, undefined, authentication, {
    timeout: timeoutSeconds,
    execute: [openId.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [openId.allowInsecureRequests] : [])],
  });
}

/** `email` and `email_verified` stay together, from one of the two sources. */
function withUserInfo(claims: client.IDToken, info: client.UserInfoResponse): OidcClaims {
  const { email, email_verified, ...others } = claims;
  const verified = { iss: claims.iss, sub: claims.sub };
  if (info.email === undefined) return { ...info, ...claims, ...verified };
  return { ...others, ...info, ...verified };
}

/** Whether the provider could not be reached, or failed itself. */
function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, code, status, cause } = error as Readonly<Record<'name' | 'code' | 'status' | 'cause', unknown>>;
  // Of a response, or of an error that describes one.
  if (typeof status === 'number') return status >= 500;
  // What `fetch` throws without a connection, and after the timeout. The library may wrap it.
  if (name === 'TimeoutError' || (name === 'TypeError' && code === undefined)) return true;
  return isUnavailable(cause);
}
