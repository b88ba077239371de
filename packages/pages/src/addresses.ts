/** The folder of the service: this file is in the folder `pages` of it. */
export const root = new URL('../', import.meta.url);

/** Which page an address shows. */
export type Route =
  | { readonly name: 'inbox' /** The notification to open: its UUID or id. */; readonly item: string | undefined }
  | { readonly name: 'preferences' };

/** The address of a page, as a path. */
export function pathOf(route: Route): string {
  const path =
    route.name === 'preferences'
      ? 'preferences'
      : route.item === undefined
        ? 'inbox'
        : `inbox/${encodeURIComponent(route.item)}`;
  return new URL(path, root).pathname;
}

export function routeOf({ pathname }: Pick<Location, 'pathname'>): Route {
  const [name, item] = pathname.slice(root.pathname.length).split('/');
  if (name === 'preferences') return { name };
  return { name: 'inbox', item: item ? decode(item) : undefined };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
