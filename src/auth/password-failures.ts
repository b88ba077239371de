import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { addressKey } from '../client-address.ts';

/** Passwords that failed of late: the more, the longer the next answer takes. */
export interface PasswordFailures {
  /** How long the next answer to this address about this account is to take longer, in milliseconds. */
  delayMs(address: string, account: string): number;
  count(address: string, account: string): void;
  /** The right password came: what failed before, of this account from this address, were no guesses. */
  forgive(address: string, account: string): void;
}

/** Failures that cost nothing, the delay of the next after those, and what it doubles to. */
const free = 5;
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** How long after the last failure all are forgotten. */
const forgottenMs = 15 * 60_000;
/** Addresses, and accounts from addresses, that are remembered: those that failed last. */
const remembered = 10_000;

/**
 * Counted by address, and by account from that address. An account alone is not counted: whoever guesses at it from
 * elsewhere must not delay its owner. A right password takes back the failures of its own account only, so that nobody
 * can sign in to an account of their own between guesses at others.
 *
 * Libraries that limit rates block or count down points; a delay that doubles and failures that are taken back they
 * leave to their callers, which would be all of this.
 * @param now the time in milliseconds.
 */
export function createPasswordFailures(now: () => number = Date.now): PasswordFailures {
  const counts = new LRUCache<string, number>({
    max: remembered,
    ttl: forgottenMs,
    ttlResolution: 0,
    perf: { now },
  });
  const keysOf = (address: string, account: string) => {
    const client = addressKey(address);
    // Whatever was sent as the account, its key is short.
    return { client, pair: `${client} ${createHash('sha256').update(account).digest('base64')}` };
  };
  const add = (key: string, more: number) => {
    const count = (counts.get(key) ?? 0) + more;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };
  return {
    delayMs(address, account) {
      const { client, pair } = keysOf(address, account);
      const failures = Math.max(counts.get(client) ?? 0, counts.get(pair) ?? 0);
      return failures < free ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - free));
    },
    count(address, account) {
      const { client, pair } = keysOf(address, account);
      add(client, 1);
      add(pair, 1);
    },
    forgive(address, account) {
      const { client, pair } = keysOf(address, account);
      const own = counts.get(pair) ?? 0;
      if (own === 0) return;
      add(client, -own);
      counts.delete(pair);
    },
  };
}
