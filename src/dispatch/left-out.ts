import type { DecisionRule } from '../preferences/decision-rules.ts';

/** The status reason of a delivery that quiet hours hold. */
export const quietReason = 'quiet hours';

/** Messages that quiet hours held are sent within this time after them, so that they do not all arrive at once. */
const jitterMs = 60_000;

/** When a message is due that quiet hours hold. @param random returns a number from 0 to 1 */
export function afterQuietHours(until: Date, random: () => number): Date {
  return new Date(until.getTime() + Math.floor(random() * jitterMs));
}

/** The status reasons of deliveries that were left out, other than by a choice of the user. */
const reasons: Partial<Record<DecisionRule, string>> = {
  user_suspended: 'user is suspended',
  email_switch_off: 'e-mails switched off by user',
  category_default: 'not enabled by user',
  template_default: 'not enabled by user',
};

/** The status reason of a delivery that this rule left out. */
export function leftOutReason(rule: DecisionRule): string {
  return reasons[rule] ?? 'disabled by user';
}
