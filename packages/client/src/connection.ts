import { type Timeouts, withDefaults } from './timeouts.ts';

/** How to reach the service. */
export interface ServiceOptions {
  /** URL of the GraphQL endpoint, for example `https://tidings.example.com/graphql/system`. */
  readonly url: string;
  /** A function is called before every request and connection. */
  readonly token: string | (() => string | Promise<string>);
  readonly fetch?: typeof fetch;
  /** How long the client waits before it considers a connection dead and retries. Omitted fields have defaults. */
  readonly timeouts?: Partial<Timeouts>;
}

export interface Connection {
  readonly url: string;
  readonly token: () => Promise<string>;
  /** Called when the token was refused. Returns whether retrying is useless; a function may return a new token once. */
  readonly refuse: () => boolean;
  readonly fetch: typeof fetch;
  readonly timeouts: Timeouts;
}

export function connectionOf({ url, token, fetch: given, timeouts }: ServiceOptions): Connection {
  let sent: string | undefined;
  let refused: string | undefined;
  return {
    url,
    async token() {
      sent = await (typeof token === 'string' ? token : token());
      return sent;
    },
    refuse() {
      const isFinal = typeof token === 'string' || sent === refused;
      refused = sent;
      return isFinal;
    },
    fetch: given ?? ((...args) => globalThis.fetch(...args)),
    timeouts: withDefaults(timeouts),
  };
}
