import { addressKey } from '../client-address.ts';
import { requestsExceeded } from '../errors.ts';

/** Delays password attempts, and limits how many are delayed concurrently. */
export interface PasswordDelays {
  /**
   * Runs the delay of one attempt.
   * @throws ServiceError REQUESTS_EXCEEDED immediately when the maximum number of attempts is already delayed; any
   * error of `wait`.
   */
  delay(address: string, account: string, wait: () => Promise<unknown>): Promise<void>;
}

/** Maximum number of concurrent attempts from one address: at one account, and at all accounts. */
const maxPerAccount = 2;
const maxPerAddress = 20;

/** The limit is needed because a delay does not reduce guesses: a hundred concurrent ones would all be answered. */
export function createPasswordDelays(): PasswordDelays {
  const accounts = new Map<string, string[]>();
  return {
    async delay(address, account, wait) {
      const client = addressKey(address);
      const waiting = accounts.get(client) ?? [];
      if (waiting.length >= maxPerAddress || waiting.filter((other) => other === account).length >= maxPerAccount) {
        throw requestsExceeded('too many failed sign-ins, try again later');
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
