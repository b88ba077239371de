/** A URL to send POST requests to, parsed once. */
export interface Target {
  readonly url: URL;
  readonly origin: string;
  readonly path: string;
  /** Headers with the credentials of the URL; empty if it has none. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** @param url may contain a user and a password, which are sent by basic authentication */
export function targetOf(url: URL): Target {
  return { url, origin: url.origin, path: url.pathname + url.search, credentials: credentialsOf(url) };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
