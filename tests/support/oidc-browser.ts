import type { TestApp } from './app.ts';
import { type CookieJar, cookieJar } from './cookie-jar.ts';

/** A browser that signs in at a service with OpenID Connect. It keeps the cookies of service and provider apart. */
export interface OidcBrowser {
  readonly service: CookieJar;
  /** Opens the address that begins the sign-in; returns the address of the provider, to which it is sent. */
  begin(redirect?: string): Promise<URL>;
  /** Signs in at the provider; returns the address of the service, to which the provider sends it back. */
  visit(provider: URL): Promise<URL>;
  /** Opens an address of the service. */
  open(address: URL): Promise<Response>;
  /** All three. */
  signIn(redirect?: string): Promise<Response>;
}

const maxSteps = 10;

export function oidcBrowser({ url }: Pick<TestApp, 'url'>): OidcBrowser {
  const service = cookieJar();
  const provider = cookieJar();
  const go = (jar: CookieJar, address: URL) => jar.fetch(address, { redirect: 'manual' });
  const target = (response: Response, base: URL) => {
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${base.href} answered ${response.status} without a redirect`);
    return new URL(location, base);
  };
  const browser: OidcBrowser = {
    service,
    async begin(redirect) {
      const address = new URL('/auth/login/oidc', url);
      if (redirect !== undefined) address.searchParams.set('redirect', redirect);
      return target(await go(service, address), address);
    },
    async visit(start) {
      let address = start;
      for (let step = 0; step < maxSteps; step += 1) {
        address = target(await go(provider, address), address);
        if (address.origin === new URL(url).origin) return address;
      }
      throw new Error(`the provider did not return: ${address.href}`);
    },
    open: (address) => go(service, address),
    async signIn(redirect) {
      return browser.open(await browser.visit(await browser.begin(redirect)));
    },
  };
  return browser;
}
