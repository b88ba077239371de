import type { Logger } from 'pino';
import { addressKey } from '../client-address.ts';
import { createQuota } from '../quota.ts';
import { RefusedToken, type TokenRefusal } from './refused-token.ts';
import type { Viewer } from './viewer.ts';

/**
 * Authenticates a token.
 * @param address the client's address.
 * @throws RefusedToken for a token that is not accepted; ServiceError REQUESTS_EXCEEDED instead for an unknown or
 * malformed token when the address has sent too many of them.
 */
export type Authenticate = (token: string, address: string) => Promise<Viewer>;

const windowMs = 60_000;
const guessed: ReadonlySet<TokenRefusal['kind']> = new Set(['unknown', 'invalid']);

/**
 * Counts unknown tokens by client address over all faces. Only responses to unknown tokens change: a valid token is
 * accepted as before, so nobody can lock out others who share the address.
 * @param perMinute maximum unknown tokens per address; 0 means no limit.
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
      // Expired tokens and those of suspended users are not guesses.
      if (error instanceof RefusedToken && guessed.has(error.refusal.kind)) wrong.take(addressKey(address));
      throw error;
    }
  };
}
