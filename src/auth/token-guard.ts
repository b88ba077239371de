import type { Logger } from 'pino';
import { addressKey } from '../client-address.ts';
import { createQuota } from '../quota.ts';
import { RefusedToken } from './refused-token.ts';
import type { Viewer } from './viewer.ts';

/**
 * Who a token stands for.
 * @param address where it came from.
 * @throws RefusedToken (INVALID_CREDENTIALS) when it is no good; ServiceError REQUESTS_EXCEEDED instead of that when
 * too many wrong ones came from the address.
 */
export type Authenticate = (token: string, address: string) => Promise<Viewer>;

const windowMs = 60_000;

/**
 * Counts the tokens that nobody has by the address they come from, over all faces. Only their answers change: a right
 * token is looked up and taken as ever, so nobody can lock out others who share an address.
 * @param perMinute wrong tokens of one address; 0: no bound.
 */
export function guardTokens(
  authenticate: (token: string) => Promise<Viewer>,
  {
    perMinute,
    log,
    now,
  }: { readonly perMinute: number; readonly log: Pick<Logger, 'warn'>; readonly now?: () => number },
): Authenticate {
  if (perMinute === 0) return authenticate;
  const wrong = createQuota({
    most: perMinute,
    windowMs,
    what: 'wrong tokens from one address',
    onExceeded: (client) => log.warn({ client }, 'too many wrong tokens from one address'),
    ...(now && { now }),
  });
  return async (token, address) => {
    try {
      return await authenticate(token);
    } catch (error) {
      // Expired tokens, and those of suspended people, are no guesses.
      if (error instanceof RefusedToken && error.refusal.kind === 'unknown') wrong.take(addressKey(address));
      throw error;
    }
  };
}
