import type { DecisionRule } from '../preferences/decision-rules.ts';

/** Statuses that are not final: the delivery is in the queue or leased. */
export const unsettledStatuses: readonly string[] = ['pending', 'temporary_failure'];

/** The status reason of deliveries that were not sent because they had waited too long. */
export const expiredReason = 'expired';

/** The status to store for a delivery after an attempt, or instead of one. */
export type NewStatus =
  | { readonly status: 'sent' }
  | { readonly status: 'temporary_failure'; readonly reason: string; readonly retryMs: number }
  | { readonly status: 'permanent_failure'; readonly reason: string }
  /** `rule`: what left it out. */
  | { readonly status: 'inhibited'; readonly reason: string; readonly rule?: DecisionRule }
  /**
   * Returned to the queue without an attempt: due in `retryMs`, or immediately if that is left out. `rule`: what holds
   * it.
   */
  | { readonly status: 'pending'; readonly reason: string; readonly retryMs?: number; readonly rule?: DecisionRule };
