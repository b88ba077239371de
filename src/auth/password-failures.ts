import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { addressKey } from '../client-address.ts';

/** Counts recent failed passwords, which delay the following responses. */
export interface PasswordFailures {
  /** Milliseconds to delay the next response to this address for this account. */
  delayMs(address: string, account: string): number;
  count(address: string, account: string): void;
  /** Call it after a correct password: the earlier failures for this account from this address were not guesses. */
  reset(address: string, account: string): void;
}

/** Number of failures without a delay, the first delay, and the maximum it doubles to. */
const maxWithoutDelay = 5;
const firstDelayMs = 1_000;
const maxDelayMs = 30_000;
/** Milliseconds after the last failure until all of them are forgotten. */
const forgetAfterMs = 15 * 60_000;
/** Maximum number of counts, of addresses and of pairs of address and account; the least recently used are dropped. */
const maxKeys = 10_000;

/**
 * Failures are counted by address, and by account from that address. They are not counted by account alone: a guesser
 * elsewhere must not delay the owner. A correct password resets only the failures of its own account, so that nobody
 * can reset the count by signing in to an account of their own.
 *
 * Libraries for rate limits either block or subtract points. The doubling delays and the reset would have to be
 * written on top of one, and there is little else in this file.
 * @param now the time in milliseconds.
 */
export function createPasswordFailures(now: () => number = Date.now): PasswordFailures {
  const counts = new LRUCache<string, number>({
    max: maxKeys,
    ttl: forgetAfterMs,
    ttlResolution: 0,
    perf: { now },
  });
  const keysOf = (address: string, account: string) => {
    const client = addressKey(address);
    // Hashed, so that the key is short for any account name.
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
      return failures < maxWithoutDelay ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - maxWithoutDelay));
    },
    count(address, account) {
      const { client, pair } = keysOf(address, account);
      add(client, 1);
      add(pair, 1);
    },
    reset(address, account) {
      const { client, pair } = keysOf(address, account);
      const own = counts.get(pair) ?? 0;
      if (own === 0) return;
      add(client, -own);
      counts.delete(pair);
    },
  };
}
