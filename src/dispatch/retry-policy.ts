import type { NewStatus } from './delivery-status.ts';
import type { Outcome, Untried } from './methods/method.ts';

/** How often and when a delivery is retried. */
export interface RetryRules {
  readonly maxAttempts: number;
  readonly retryIntervalMs: number;
}

/** A shared object, because thousands of them can be buffered. */
const sent: NewStatus = { status: 'sent' };

/** Longest wait before a retry, whatever a receiver asks for. */
export const maxRetryMs = 24 * 60 * 60 * 1000;

/**
 * Delay in milliseconds before a delivery whose attempt could not start is retried: short, but long enough to avoid a
 * busy loop.
 */
const untriedMs = { least: 250, spread: 1000 } as const;

/**
 * The status that an outcome leads to.
 * @param attempt the number of this attempt, from 1
 * @param random from 0 to 1
 */
export function statusAfter(outcome: Outcome | Untried, attempt: number, rules: RetryRules, random: number): NewStatus {
  switch (outcome.kind) {
    case 'sent':
      return sent;
    case 'failed':
      return { status: 'permanent_failure', reason: outcome.reason };
    case 'untried':
      return { status: 'pending', reason: outcome.reason, retryMs: untriedMs.least + random * untriedMs.spread };
    case 'retry': {
      const { reason, afterMs = 0 } = outcome;
      if (attempt >= rules.maxAttempts) return { status: 'permanent_failure', reason };
      const delayMs = retryDelay(attempt, rules.retryIntervalMs, random);
      // Receivers often give many messages the same wait; adding up to a quarter of it spreads their retries.
      const requestedMs = afterMs > 0 ? afterMs + Math.min(delayMs, afterMs / 4) : 0;
      return { status: 'temporary_failure', reason, retryMs: Math.min(Math.max(delayMs, requestedMs), maxRetryMs) };
    }
  }
}

/** Shortest and longest wait, as multiples of the delay that doubles with each attempt. */
const jitter = { least: 0.1, most: 1.9 } as const;

/**
 * The wait after a failed attempt, with full jitter: uniform between 0.1 and 1.9 times a delay that doubles with each
 * attempt. So half of the retries wait at least as long as configured, and messages that failed together are spread.
 */
export function retryDelay(attempt: number, retryIntervalMs: number, random: number): number {
  const delay = retryIntervalMs * 2 ** Math.min(attempt - 1, 40);
  return Math.min(Math.round(delay * (jitter.least + random * (jitter.most - jitter.least))), maxRetryMs);
}
