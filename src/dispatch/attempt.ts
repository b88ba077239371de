import type { RenderHelpers } from '../templates/model.ts';
import { expiredReason } from './expire.ts';
import type { Lease, LeasedRow } from './lease.ts';
import { toMessage } from './message.ts';
import type { Message, Outcome, Untried } from './methods/method.ts';
import type { DispatchMetrics, Tally } from './metrics.ts';
import type { Renderer } from './rendered-cache.ts';
import { judge, type RetryRules, type Verdict } from './retry.ts';
import type { Settler } from './settler.ts';

/** What every worker works with. */
export interface Workshop {
  readonly settler: Settler;
  readonly metrics: DispatchMetrics;
  readonly rules: RetryRules;
  readonly render: Renderer;
  readonly helpers: () => RenderHelpers;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Something will be due in so many milliseconds. */
  readonly onRetry: (ms: number) => void;
}

/** A leased row that can be delivered, or what is to be stored of it because it cannot. */
export function prepare(
  { rules, render, helpers }: Workshop,
  row: LeasedRow,
): { readonly message: Message } | { readonly verdict: Verdict } {
  if (row.is_expired) return { verdict: { status: 'inhibited', reason: expiredReason } };
  if (row.is_disabled) return { verdict: { status: 'inhibited', reason: 'disabled by user' } };
  if (row.is_suspended) return { verdict: { status: 'inhibited', reason: 'user is suspended' } };
  if (row.attempt_count >= rules.maxAttempts) {
    return { verdict: { status: 'permanent_failure', reason: 'no attempts are left' } };
  }
  try {
    return { message: toMessage(row, render, helpers()) };
  } catch (error) {
    return { verdict: { status: 'permanent_failure', reason: reasonOf(error) } };
  }
}

/** Counts one attempt and says what is to be stored of it. */
export function conclude(
  { rules, random }: Workshop,
  tally: Tally,
  row: LeasedRow,
  outcome: Outcome | Untried,
): Verdict {
  const verdict = judge(outcome, row.attempt_count + 1, rules, random());
  count(tally, verdict);
  return verdict;
}

/** Counts an attempt; what was inhibited, stopped or not tried is none. */
export function count(tally: Tally, { status }: Verdict): void {
  if (status === 'sent') tally.success += 1;
  if (status === 'permanent_failure') tally.perm_fail += 1;
  if (status === 'temporary_failure') tally.temp_fail += 1;
}

/** Stores what became of a row, and calls `done` after that; a retry is looked for as soon as it is due. */
export function store(
  { settler, onRetry }: Workshop,
  lease: Lease,
  { id }: Pick<LeasedRow, 'id'>,
  verdict: Verdict,
  done: () => void,
): void {
  const retryMs = 'retryMs' in verdict ? verdict.retryMs : undefined;
  const onStored =
    retryMs === undefined
      ? done
      : () => {
          onRetry(retryMs);
          done();
        };
  settler.add({ id, lease, verdict, onStored });
}

/** What went wrong, in the words of whoever threw it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return error.message || (typeof code === 'string' ? code : error.name);
}
