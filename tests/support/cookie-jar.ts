import { parseSetCookie, stringifyCookie } from 'cookie';

/** A `fetch` that keeps cookies as a browser does for one host; only their names, values and expiry matter. */
export interface CookieJar {
  readonly cookies: Record<string, string>;
  readonly fetch: typeof fetch;
}

export function cookieJar(): CookieJar {
  const cookies: Record<string, string> = {};
  return {
    cookies,
    async fetch(input, init) {
      const headers = new Headers(init?.headers);
      if (Object.keys(cookies).length > 0) headers.set('cookie', stringifyCookie(cookies));
      const response = await fetch(input, { ...init, headers });
      for (const text of response.headers.getSetCookie()) {
        const { name, value = '', maxAge = 1 } = parseSetCookie(text);
        if (maxAge > 0) cookies[name] = value;
        else delete cookies[name];
      }
      return response;
    },
  };
}
