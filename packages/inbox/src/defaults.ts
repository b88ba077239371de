import type { Text } from './format-text.ts';

/** The token of a user, or a function that returns one; it is called before every connection and request. */
export type TokenSource = string | (() => string | Promise<string>);

/** What holds for all elements of a page that have no attribute or property of their own for it. */
export interface Configuration {
  /** URL of the GraphQL endpoint. Default: `/graphql/system` of the page's origin. */
  readonly url?: string;
  readonly token?: TokenSource;
  /** A language tag, such as `de` or `en-GB`. */
  readonly locale?: string;
  /** Replaces single texts, by key. */
  readonly strings?: Readonly<Record<string, Text>>;
}

/** The configuration of the page. Written by `configure` only. */
export const defaults: { -readonly [Key in keyof Configuration]: Configuration[Key] } = {};

const listeners = new Set<() => void>();

/** Sets defaults for all elements of the page; can be called before or after they are there. */
export function configure(given: Configuration): void {
  Object.assign(defaults, given);
  for (const listener of [...listeners]) listener();
}

/** Calls the listener after each `configure`. Returns a function that ends this. */
export function onConfigured(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
