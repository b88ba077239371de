import { type Connection, InboxError, isRefusal, request } from './requests.ts';
import { type Timeouts, withDefaults } from './timeouts.ts';

export { InboxError, isRefusal };

/** How to reach the service with single requests. */
export interface RequestOptions {
  /** URL of the GraphQL endpoint, for example `https://tidings.example.com/graphql/system`. */
  readonly url: string;
  /** A function is called before every request. */
  readonly token: string | (() => string | Promise<string>);
  readonly fetch?: typeof fetch;
  readonly timeouts?: Partial<Pick<Timeouts, 'requestMs'>>;
}

/** Sends one operation and returns its data. @throws InboxError for any error, also when the answer is late. */
export type Ask = <Data>(query: string, variables?: object, signal?: AbortSignal) => Promise<Data>;

/** A function that sends operations with the token, as an inbox does, without following anything. */
export function createAsk({ url, token, timeouts, ...options }: RequestOptions): Ask {
  const connection: Connection = {
    url,
    token: async () => (typeof token === 'string' ? token : token()),
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    timeouts: withDefaults(timeouts),
  };
  return (query, variables = {}, signal = new AbortController().signal) =>
    request(connection, query, variables, signal);
}
