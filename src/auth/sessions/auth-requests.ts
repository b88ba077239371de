import { parseCookie, stringifySetCookie } from 'cookie';
import type { CookieConfig, SignInConfig } from '../../config.ts';
import { forbidden, invalidCredentials, invalidPayload } from '../../errors.ts';
import type { SignIn } from '../sign-in.ts';
import type { UserViewer } from '../viewer.ts';
import type { AuthMode, IssuedTokens, SessionClient, Sessions } from './sessions.ts';

/** The request that signs in, refreshes or signs out. */
export interface AuthClient extends SessionClient {
  /** Aborted when the client has left. */
  readonly signal?: AbortSignal | undefined;
  /** Undefined: the transport has no cookies, as on a socket. */
  readonly cookies?: ClientCookies | undefined;
}

export interface ClientCookies {
  /** The header `Cookie`. */
  readonly sent: string | undefined;
  /** Whether another site may have made the browser send this request. */
  readonly isForgeable: boolean;
  /** Whether the request came over TLS. */
  readonly isSecure: boolean;
  /** Adds a header `Set-Cookie`. */
  readonly set: (cookie: string) => void;
}

/** The tokens in an answer, with the names and in the order of Directus, without those that are sent in a cookie. */
export interface AuthTokens {
  /** Milliseconds until the access token expires. */
  readonly expires: number;
  readonly refresh_token?: string;
  readonly access_token?: string;
}

/** A mode, and the refresh token if it is not in a cookie. */
export interface RefreshInput {
  /** Default: `json` with a refresh token, else `cookie`. */
  readonly mode?: AuthMode | null | undefined;
  readonly refresh_token?: string | null | undefined;
}

/** Signing in, refreshing and signing out, as Directus does it. */
export interface AuthRequests {
  /** @param input `mode`: default `json`. @throws as `SignIn.withPassword`; FORBIDDEN for forgeable cookies. */
  login(
    input: { readonly email: string; readonly password: string; readonly mode?: AuthMode | null | undefined },
    client: AuthClient,
  ): Promise<AuthTokens>;
  /**
   * Signs in a user whom an identity provider has identified, in the mode `session`.
   * @throws ServiceError INVALID_CREDENTIALS for a user who is not active; FORBIDDEN for forgeable cookies.
   */
  loginIdentified(viewer: UserViewer, client: AuthClient): Promise<void>;
  /** @throws ServiceError INVALID_PAYLOAD without a token; as `Sessions.refresh`; FORBIDDEN for forgeable cookies. */
  refresh(input: RefreshInput, client: AuthClient): Promise<AuthTokens>;
  /** Ends the sign-in and removes the cookies. @throws as `refresh`. */
  logout(input: RefreshInput, client: AuthClient): Promise<void>;
}

/** @param isPublicSecure whether the public address of the service is https. */
export function createAuthRequests({
  signIn,
  sessions,
  config,
  isPublicSecure,
}: {
  readonly signIn: Pick<SignIn, 'withPassword'>;
  readonly sessions: Sessions;
  readonly config: SignInConfig;
  readonly isPublicSecure: boolean;
}): AuthRequests {
  function cookieText({ name, secure, sameSite, domain }: CookieConfig, value: string, ms: number, isSecure: boolean) {
    return stringifySetCookie({
      name,
      value,
      maxAge: Math.floor(ms / 1000),
      path: '/',
      httpOnly: true,
      secure: secure ?? (isPublicSecure || isSecure),
      sameSite,
      ...(domain !== undefined && { domain }),
    });
  }

  function answer(mode: AuthMode, tokens: IssuedTokens, client: AuthClient): AuthTokens {
    const { accessToken, refreshToken, expiresMs: expires } = tokens;
    const cookies = mode === 'json' ? undefined : cookiesOf(client);
    if (mode === 'session') {
      cookies?.set(cookieText(config.sessionCookie, accessToken, expires, cookies.isSecure));
      return { expires };
    }
    const refresh_token = refreshToken ?? '';
    if (mode === 'json') return { expires, refresh_token, access_token: accessToken };
    cookies?.set(cookieText(config.refreshCookie, refresh_token, config.refreshTtlMs, cookies.isSecure));
    return { expires, access_token: accessToken };
  }

  function cookieOf(mode: AuthMode): CookieConfig {
    return mode === 'session' ? config.sessionCookie : config.refreshCookie;
  }

  function tokenOf({ mode, refresh_token }: RefreshInput, client: AuthClient): readonly [AuthMode, string] {
    const hasToken = typeof refresh_token === 'string' && refresh_token !== '';
    const chosen = mode ?? (hasToken ? 'json' : 'cookie');
    if (chosen === 'json') {
      if (!hasToken) throw invalidPayload('"refresh_token" is required, in the body or, in other modes, in a cookie');
      return [chosen, refresh_token];
    }
    const { name } = cookieOf(chosen);
    const token = readCookie(cookiesOf(client).sent, name);
    if (token === undefined) throw invalidPayload(`"refresh_token" is required: there is no cookie "${name}"`);
    return [chosen, token];
  }

  return {
    async login({ email, password, mode: given }, client) {
      const mode = given ?? 'json';
      // Before the password is checked, so that a forged request has no effect.
      if (mode !== 'json') cookiesOf(client);
      const signedIn = await signIn.withPassword(email, password, client).catch((error: unknown) => {
        throw client.signal?.aborted ? invalidCredentials() : error;
      });
      return answer(mode, await sessions.start(signedIn, mode, client), client);
    },
    async loginIdentified(viewer, client) {
      cookiesOf(client);
      answer('session', await sessions.start({ viewer, passwordHash: null }, 'session', client), client);
    },
    async refresh(input, client) {
      const [mode, token] = tokenOf(input, client);
      return answer(mode, await sessions.refresh(mode, token, client), client);
    },
    async logout(input, client) {
      const [mode, token] = tokenOf(input, client);
      await sessions.end(mode, token);
      if (mode === 'json') return;
      const cookies = cookiesOf(client);
      cookies.set(cookieText(cookieOf(mode), '', 0, cookies.isSecure));
    },
  };
}

/** A cookie of the header `Cookie`; undefined if it is missing or empty. */
export function readCookie(sent: string | undefined, name: string): string | undefined {
  if (sent === undefined) return undefined;
  // Tokens are not percent-encoded in the cookie.
  return parseCookie(sent, { decode: (text) => text })[name] || undefined;
}

function cookiesOf({ cookies }: AuthClient): ClientCookies {
  if (cookies === undefined) throw invalidPayload('"mode" must be "json", because there are no cookies here');
  if (cookies.isForgeable) throw forbidden('Cookies are accepted only from pages of this service or of CORS_ORIGIN');
  return cookies;
}
