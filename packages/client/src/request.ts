import { connectionOf, type ServiceOptions } from './connection.ts';
import { InboxError, isRefusal, request } from './requests.ts';
import type { Timeouts } from './timeouts.ts';

export { InboxError, isRefusal };

/** How to reach the service with single requests. */
export interface RequestOptions extends Omit<ServiceOptions, 'timeouts'> {
  readonly timeouts?: Partial<Pick<Timeouts, 'requestMs'>>;
}

/** Sends one operation and returns its data. @throws InboxError for any error, also when the answer is late. */
export type Ask = <Data>(query: string, variables?: object, signal?: AbortSignal) => Promise<Data>;

/** A function that sends operations with the token, as an inbox does, without following anything. */
export function createAsk(options: RequestOptions): Ask {
  const connection = connectionOf(options);
  return (query, variables = {}, signal = new AbortController().signal) =>
    request(connection, query, variables, signal);
}
