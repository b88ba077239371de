import { expiredReason } from '../dispatch/delivery-status.ts';
import { quietReason } from '../dispatch/left-out.ts';
import type { Verdict } from '../preferences/decide.ts';
import { type DecisionRule, decisionRules } from '../preferences/decision-rules.ts';
import type { Explanation } from '../preferences/explain.ts';
import type { Delivery } from './model.ts';

/** Why a delivery was sent, waits or was left out, from what the log holds. */
export function explanationOf(delivery: Delivery): Explanation {
  const { method, status, status_reason: reason, next_retry_after: next } = delivery;
  const { verdict, rule } = decisionOf(delivery);
  const until = verdict === 'holds' && next !== null ? new Date(next) : null;
  const source = status === 'leased' || reason === null ? `the delivery is ${status}` : reason;
  return { channel: method, verdict, rule, until, steps: [{ rule, passed: verdict === 'sends', source }] };
}

interface Decided {
  readonly verdict: Verdict;
  readonly rule: DecisionRule;
}

function decisionOf({
  method,
  status,
  status_reason: reason,
  next_retry_after: next,
  rule: stored,
}: Delivery): Decided {
  const rule = decisionRules.find((name) => name === stored) ?? 'template_default';
  switch (status) {
    case 'inhibited':
      return { verdict: 'left_out', rule: leftOutRule(reason, stored === null ? undefined : rule) };
    case 'permanent_failure':
      return { verdict: 'left_out', rule: isTemplateFault(reason) ? 'labels_invalid' : 'attempts_exhausted' };
    case 'temporary_failure':
      return { verdict: 'holds', rule: 'retry_wait' };
    case 'pending':
      if (reason === quietReason) return { verdict: 'holds', rule: 'quiet_hours' };
      if (reason === null && rule === 'channel_not_configured') return { verdict: 'holds', rule };
      // Only a delivery that was tried, or was to be tried, has both.
      if (reason !== null && next !== null) {
        return { verdict: 'holds', rule: method === 'inbox' ? 'retry_wait' : 'provider_asks_to_wait' };
      }
      return { verdict: 'sends', rule };
    default:
      return { verdict: 'sends', rule };
  }
}

/** Earlier versions stored no rule; they left out what a user disabled as a whole. */
function leftOutRule(reason: string | null, stored: DecisionRule | undefined): DecisionRule {
  if (reason === expiredReason) return 'expired';
  if (stored !== undefined) return stored;
  return reason === 'user is suspended' ? 'user_suspended' : 'choice_template';
}

/** Whether the message could not be rendered: the text of a `TemplateError`. */
function isTemplateFault(reason: string | null): boolean {
  return reason?.startsWith('template ') ?? false;
}
