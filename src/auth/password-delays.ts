import { addressKey } from '../client-address.ts';
import { requestsExceeded } from '../errors.ts';

/** Lets attempts at passwords wait, without letting many wait side by side. */
export interface PasswordDelays {
  /**
   * Runs the wait of one attempt.
   * @throws ServiceError REQUESTS_EXCEEDED, at once, when as many from there wait already; what the wait throws.
   */
  sit(address: string, account: string, wait: () => Promise<unknown>): Promise<void>;
}

/** Attempts that wait at one time: at one account from one address, and at all accounts from one address. */
const ofAccount = 2;
const ofAddress = 20;

/**
 * A delay alone makes each guess later, not their number smaller: whoever sends a hundred side by side would have a
 * hundred answers after it.
 */
export function createPasswordDelays(): PasswordDelays {
  const accounts = new Map<string, string[]>();
  return {
    async sit(address, account, wait) {
      const client = addressKey(address);
      const waiting = accounts.get(client) ?? [];
      if (waiting.length >= ofAddress || waiting.filter((other) => other === account).length >= ofAccount) {
        throw requestsExceeded('too many passwords were wrong, try again later');
      }
      waiting.push(account);
      accounts.set(client, waiting);
      try {
        await wait();
      } finally {
        waiting.splice(waiting.indexOf(account), 1);
        if (waiting.length === 0) accounts.delete(client);
      }
    },
  };
}
