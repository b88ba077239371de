/**
 * Whether a link may lead to this address, as Directus compares: it is in the list as it stands, or its origin and path
 * are those of an address in the list.
 */
export function isAllowedUrl(url: string, allowed: readonly string[]): boolean {
  // It could not be made into a link.
  if (!URL.canParse(url)) return false;
  const { username, password, protocol } = new URL(url);
  // A name and password in an address make it look like another.
  if (username !== '' || password !== '' || !/^https?:$/.test(protocol)) return false;
  return allowed.some((one) => one === url || placeOf(one) === placeOf(url));
}

function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
