import { defaults, type TokenSource } from './defaults.ts';

/** How an element reaches the service. */
export interface Service {
  readonly url: string;
  readonly token: TokenSource;
}

/** The service of an element; undefined while it has no token. */
export function serviceOf({
  url = defaults.url,
  token = defaults.token,
}: {
  readonly url: string | undefined;
  readonly token: TokenSource | undefined;
}): Service | undefined {
  if (!token) return undefined;
  return { url: new URL(url || '/graphql/system', document.baseURI).href, token };
}
