import type { Outcome } from './methods/method.ts';

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
  /** The node stops before it was known what became of it: somebody tries at once, as if nobody had. */
  | { readonly status: 'pending'; readonly reason: string };

/** One for all: results wait to be stored by the thousand. */
const sent: Verdict = { status: 'sent' };

/** No wait is longer, whatever a receiver asks for. */
export const longestRetryMs = 24 * 60 * 60 * 1000;

/**
 * What an outcome means.
 * @param attempt the number of this attempt, from 1
 * @param random from 0 to 1
 */
export function judge(outcome: Outcome, attempt: number, rules: RetryRules, random: number): Verdict {
  switch (outcome.kind) {
    case 'sent':
      return sent;
    case 'fail':
      return { status: 'permanent_failure', reason: outcome.reason };
    case 'retry': {
      const { reason, afterMs = 0 } = outcome;
      if (attempt >= rules.maxAttempts) return { status: 'permanent_failure', reason };
      const retryMs = Math.max(retryDelay(attempt, rules.retryIntervalMs, random), afterMs);
      return { status: 'temporary_failure', reason, retryMs: Math.min(retryMs, longestRetryMs) };
    }
  }
}

/**
 * The wait after a failed attempt: it doubles each time, and up to a quarter is added at random so that what failed
 * together is not tried together again.
 */
export function retryDelay(attempt: number, retryIntervalMs: number, random: number): number {
  const delay = retryIntervalMs * 2 ** Math.min(attempt - 1, 40);
  return Math.min(delay * (1 + random / 4), longestRetryMs);
}
