import { stringifySetCookie } from 'cookie';
import { ServiceError } from '../../errors.ts';
import { type AuthClient, type AuthRequests, readCookie } from '../sessions/auth-requests.ts';
import type { UserViewer } from '../viewer.ts';
import { type FlowCookies, flowMs } from './flow-cookie.ts';
import { OidcFailure } from './oidc-failure.ts';
import { newFlowSecrets, type OidcClaims, type OidcProvider } from './provider.ts';

/** The paths of both routes. */
export const oidcPath = '/auth/login/oidc';
export const oidcCallbackPath = `${oidcPath}/callback`;

const cookieName = 'tidings_oidc';
/** With the rest of the cookie, this stays below the 4096 bytes that browsers keep. */
const redirectMax = 1_500;

/** Signing in at an identity provider, with OpenID Connect. */
export interface OidcRequests {
  /**
   * Begins a sign-in: sets its cookie.
   * @param redirect where the browser returns to in the end: an address or a path; undefined: the service itself
   * @returns the address of the provider
   * @throws OidcFailure INVALID_REDIRECT, PROVIDER_UNAVAILABLE
   */
  begin(redirect: string | undefined, client: AuthClient): Promise<string>;
  /**
   * Ends it: sets the cookie of the session.
   * @param search the query with which the provider sent the browser back
   * @returns where the browser goes now
   * @throws OidcFailure of any kind
   */
  finish(search: string, client: AuthClient): Promise<string>;
}

export function createOidcRequests({
  provider,
  flows,
  findUser,
  auth,
  redirects,
  baseUrl,
}: {
  readonly provider: OidcProvider;
  readonly flows: FlowCookies;
  /** @throws OidcFailure */
  readonly findUser: (claims: OidcClaims) => Promise<UserViewer>;
  readonly auth: Pick<AuthRequests, 'loginIdentified'>;
  /** Addresses of other hosts that a browser may return to. */
  readonly redirects: readonly string[];
  /** The public address of the service. */
  readonly baseUrl: () => string;
}): OidcRequests {
  const address = (path: string) => new URL(baseUrl().replace(/\/+$/, '') + path);

  function setCookie({ cookies }: AuthClient, value: string, ms: number): void {
    const { protocol, pathname } = address(oidcPath);
    const secure = protocol === 'https:' || (cookies?.isSecure ?? false);
    const attributes = { maxAge: ms / 1000, path: pathname, httpOnly: true, secure, sameSite: 'lax' } as const;
    cookies?.set(stringifySetCookie({ name: cookieName, value, ...attributes }));
  }

  function checkRedirect(given: string): string {
    const home = address('/');
    const target = given.length <= redirectMax && URL.canParse(given, home) ? new URL(given, home) : undefined;
    const isAllowed =
      target !== undefined &&
      (target.origin === home.origin || redirects.some((one) => new URL(one).href === target.origin + target.pathname));
    // A name and password in an address make it look like another.
    if (!isAllowed || target.username !== '' || target.password !== '') throw new OidcFailure('INVALID_REDIRECT');
    return target.href;
  }

  return {
    async begin(given, client) {
      const redirect = given === undefined ? undefined : checkRedirect(given);
      const secrets = newFlowSecrets();
      const url = await provider.authorizationUrl(secrets, address(oidcCallbackPath).href);
      setCookie(client, await flows.write({ ...secrets, redirect }), flowMs);
      return url.href;
    },
    async finish(search, client) {
      const sent = readCookie(client.cookies?.sent, cookieName);
      const flow = sent === undefined ? undefined : await flows.read(sent);
      if (flow === undefined || new URLSearchParams(search).get('state') !== flow.state) {
        throw new OidcFailure('SIGN_IN_EXPIRED');
      }
      // One answer for each sign-in, whatever becomes of it.
      setCookie(client, '', 0);
      const { redirect } = flow;
      try {
        const returned = address(oidcCallbackPath);
        returned.search = search;
        await auth.loginIdentified(await findUser(await provider.exchange(returned, flow)), client);
      } catch (error) {
        throw failureOf(error, redirect);
      }
      return redirect ?? address('/').href;
    },
  };
}

function failureOf(error: unknown, redirect: string | undefined): unknown {
  if (error instanceof OidcFailure) return new OidcFailure(error.code, { cause: error.cause, redirect });
  // The user was suspended in this moment.
  const isRefused = error instanceof ServiceError && error.code === 'INVALID_CREDENTIALS';
  return isRefused ? new OidcFailure('INACTIVE_USER', { redirect }) : error;
}
