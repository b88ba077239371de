import type { DecisionRule } from '../preferences/decision-rules.ts';
import type { LeftOut } from './decide-message.ts';
import type { MethodName } from './method-names.ts';

/** A delivery that was not enqueued. */
export interface Skipped {
  readonly recipient: string;
  /** Null if the reason applies to every method. */
  readonly method: MethodName | null;
  readonly reason: string;
  readonly rule: DecisionRule;
}

/**
 * Everything that was not enqueued, with reasons.
 * @param unsent recipients for whom there was no method
 */
export function skippedOf(
  leftOut: readonly LeftOut[],
  duplicates: readonly (readonly [recipient: string, method: MethodName])[],
  unsent: readonly string[],
): Skipped[] {
  return [
    ...leftOut.map((delivery) => ({ ...delivery, reason: reasonOf(delivery.rule) })),
    ...duplicates.map(
      ([recipient, method]): Skipped => ({
        recipient,
        method,
        reason: 'already sent today',
        rule: 'duplicate_content',
      }),
    ),
    ...unsent.map(
      (recipient): Skipped => ({
        recipient,
        method: null,
        reason: 'no suitable method is configured',
        rule: 'channel_not_configured',
      }),
    ),
  ];
}

/** Why a preference left out a delivery, for the sender. */
function reasonOf(rule: DecisionRule): string {
  const isDefault = rule === 'category_default' || rule === 'template_default';
  return isDefault ? 'not enabled by the recipient' : 'disabled by the recipient';
}
