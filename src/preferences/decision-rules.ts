/**
 * Every reason why a delivery was sent, held or left out. `deliveries.rule` stores it, except for `template_default`,
 * which is the rule of most.
 */
export const decisionRules = [
  'user_suspended',
  'channel_not_configured',
  'category_required',
  'choice_template_channel',
  'choice_template',
  'choice_category_channel',
  'choice_category',
  'choice_channel',
  'category_default',
  'template_default',
  'email_switch_off',
  'unsubscribed',
  'quiet_hours',
  'duplicate_content',
  'duplicate_key',
  'expired',
  'notifier_paused',
  'attempts_exhausted',
  'provider_asks_to_wait',
  'retry_wait',
  'labels_invalid',
  'recipient_unknown',
] as const;

export type DecisionRule = (typeof decisionRules)[number];
