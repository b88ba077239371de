import { createPasswordDelays } from './password-delays.ts';
import { createPasswordFailures } from './password-failures.ts';

/**
 * Delays attempts at passwords after failures. One gate serves all attempts of a node: sign-ins, and what resets a
 * password.
 */
export interface PasswordGate {
  /**
   * Delays this attempt, more with each earlier failure.
   * @param account the e-mail address, as `accountOf` writes it
   * @throws ServiceError REQUESTS_EXCEEDED when too many attempts are delayed already; the reason of the signal.
   */
  enter(address: string, account: string, signal?: AbortSignal): Promise<void>;
  /** Counts a failed attempt. */
  count(address: string, account: string): void;
  /** To be called after the owner has proved to be one: the earlier failures of the account there were not guesses. */
  reset(address: string, account: string): void;
}

export interface PasswordGateOptions {
  /** The time in milliseconds, and a function that waits; for tests. */
  readonly now?: () => number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

export function createPasswordGate({ now, wait }: PasswordGateOptions): PasswordGate {
  const failures = createPasswordFailures(now);
  const delays = createPasswordDelays();
  return {
    async enter(address, account, signal) {
      const delayMs = failures.delayMs(address, account);
      if (delayMs > 0) await delays.delay(address, account, () => wait(delayMs, signal));
    },
    count: failures.count,
    reset: failures.reset,
  };
}

/** An e-mail address as it is stored. */
export function accountOf(email: string): string {
  return email.trim().toLowerCase();
}
