import type { Outcome, Untried } from './methods/method.ts';

/** How attempts follow each other. */
export interface RetryRules {
  readonly maxAttempts: number;
  readonly retryIntervalMs: number;
}

/** What is stored of an attempt. */
export type Verdict =
  | { readonly status: 'sent' }
  | { readonly status: 'temporary_failure'; readonly reason: string; readonly retryMs: number }
  | { readonly status: 'permanent_failure' | 'inhibited'; readonly reason: string }
  /** No attempt: it goes back to the queue as it came, due in `retryMs`, or at once. */
  | { readonly status: 'pending'; readonly reason: string; readonly retryMs?: number };

/** One for all: results wait to be stored by the thousand. */
const sent: Verdict = { status: 'sent' };

/** No wait is longer, whatever a receiver asks for. */
export const longestRetryMs = 24 * 60 * 60 * 1000;

/** Before a message is tried again that was not tried for a reason of this service's own: soon, but in no busy loop. */
const untriedMs = { least: 250, spread: 1000 } as const;

/**
 * What an outcome means.
 * @param attempt the number of this attempt, from 1
 * @param random from 0 to 1
 */
export function judge(outcome: Outcome | Untried, attempt: number, rules: RetryRules, random: number): Verdict {
  switch (outcome.kind) {
    case 'sent':
      return sent;
    case 'fail':
      return { status: 'permanent_failure', reason: outcome.reason };
    case 'untried':
      return { status: 'pending', reason: outcome.reason, retryMs: untriedMs.least + random * untriedMs.spread };
    case 'retry': {
      const { reason, afterMs = 0 } = outcome;
      if (attempt >= rules.maxAttempts) return { status: 'permanent_failure', reason };
      const delayMs = retryDelay(attempt, rules.retryIntervalMs, random);
      // What was asked to come back together does not: the delay is added where it is the shorter one.
      const askedMs = afterMs > 0 ? afterMs + Math.min(delayMs, afterMs / 4) : 0;
      return { status: 'temporary_failure', reason, retryMs: Math.min(Math.max(delayMs, askedMs), longestRetryMs) };
    }
  }
}

/** The shortest and the longest wait, of the one that is doubled each time. */
const jitter = { least: 0.1, most: 1.9 } as const;

/**
 * The wait after a failed attempt, with full jitter: uniform between a tenth and nearly twice of a wait that doubles each
 * time. So half of the messages wait as long as configured or longer, and what failed together is spread over all of it.
 */
export function retryDelay(attempt: number, retryIntervalMs: number, random: number): number {
  const delay = retryIntervalMs * 2 ** Math.min(attempt - 1, 40);
  return Math.min(Math.round(delay * (jitter.least + random * (jitter.most - jitter.least))), longestRetryMs);
}
