import { templateIds } from '../templates/model.ts';
import type { DecisionRule } from './decision-rules.ts';
import { type QuietHours, quietUntil } from './quiet-hours.ts';

/** A choice for a whole template, a row of `preferences`. `unsubscribed`: switched off by the link of an e-mail. */
export type TemplateChoice = 'on' | 'off' | 'unsubscribed';

/** A stored choice of any other level. Exactly one of `category` and `template` is set, or only `channel`. */
export interface StoredChoice {
  readonly category: string | null;
  readonly template: string | null;
  readonly channel: string | null;
  readonly is_on: boolean;
  /** Whether it was switched off by the link of an e-mail. */
  readonly unsubscribed?: boolean;
}

/** What the decision needs to know of a user. */
export interface UserFacts {
  readonly is_suspended: boolean;
  readonly email_notifications: boolean;
  readonly timezone: string | null;
  /** The choice for the whole template; null if there is none. */
  readonly template_choice: TemplateChoice | null;
  readonly choices: readonly StoredChoice[];
  readonly quiet_hours: QuietHours | null;
}

/** What it needs to know of a template. */
export interface TemplateFacts {
  readonly id: string;
  readonly enabled_by_default: boolean;
  readonly category: CategoryFacts | null;
}

export interface CategoryFacts {
  readonly key: string;
  readonly required_channels: readonly string[];
  readonly default_channels: readonly string[];
}

/** How the messages of a template go by a channel. */
export interface ChannelFacts {
  readonly name: string;
  /** `open`: it is used. `waiting`: it is used once it is configured. `closed`: not at all. */
  readonly route: 'open' | 'waiting' | 'closed';
  /** Whether sending is paused. */
  readonly is_paused?: boolean;
  /** Whether this is the e-mail about a notification that was created in an inbox. */
  readonly is_item_mail?: boolean;
}

export type Verdict = 'sends' | 'holds' | 'left_out';

export interface Decision {
  readonly verdict: Verdict;
  readonly rule: DecisionRule;
  /** Until when the message is held, if that is known. */
  readonly until: Date | null;
}

/** Called for each rule that was looked at, in order; the last one decided unless it only let the message pass. */
export type OnStep = (rule: DecisionRule, passed: boolean, source: string) => void;

/** The facts of a user who made no choice. */
export const undecidedUser: UserFacts = {
  is_suspended: false,
  email_notifications: true,
  timezone: null,
  template_choice: null,
  choices: [],
  quiet_hours: null,
};

const nothing: OnStep = () => undefined;

/**
 * Decides whether a message goes to a user by a channel at a time. Sending and `explain` both use it, so that they
 * cannot differ. Pure: the answer depends on the arguments only.
 * @param template null: a message without a template. Unless it is about an item, the user asked for it, such as the mail
 * that resets a password, and it is always sent.
 */
export function decide(
  user: UserFacts,
  template: TemplateFacts | null,
  channel: ChannelFacts,
  at: Date,
  onStep: OnStep = nothing,
): Decision {
  if (channel.route === 'closed') {
    onStep('channel_not_configured', false, 'the template is not sent by this channel, or nobody configured it');
    return leftOut('channel_not_configured');
  }
  if (channel.name === 'smtp' && user.is_suspended && template?.id !== templateIds.ownAccountSuspended) {
    onStep('user_suspended', false, 'the user is suspended');
    return leftOut('user_suspended');
  }
  if (template === null && !channel.is_item_mail) {
    onStep('template_default', true, 'the user asked for the message');
    return { verdict: 'sends', rule: 'template_default', until: null };
  }
  const wish = decideWish(user, template, channel, onStep);
  if (!wish.is_on) return leftOut(wish.rule);
  return decideTime(user, template, channel, at, onStep) ?? { verdict: 'sends', rule: wish.rule, until: null };
}

interface Wish {
  readonly is_on: boolean;
  readonly rule: DecisionRule;
}

/** Whether the message is wanted: required, chosen, or so by default. */
function decideWish(user: UserFacts, template: TemplateFacts | null, channel: ChannelFacts, onStep: OnStep): Wish {
  const category = template?.category ?? null;
  if (category?.required_channels.includes(channel.name)) {
    onStep('category_required', true, `the category "${category.key}" requires ${channel.name}`);
    return { is_on: true, rule: 'category_required' };
  }
  if (channel.is_item_mail && !user.email_notifications) {
    onStep('email_switch_off', false, 'the user switched "email_notifications" off');
    return { is_on: false, rule: 'email_switch_off' };
  }
  const chosen = mostSpecific(user, template, channel.name);
  if (chosen !== undefined) {
    onStep(chosen.rule, chosen.is_on, chosen.is_on ? 'the user chose "on"' : 'the user chose "off"');
    return chosen;
  }
  if (category !== null) {
    const isOn = category.default_channels.includes(channel.name);
    onStep(
      'category_default',
      isOn,
      `the category "${category.key}" ${isOn ? 'has' : 'does not have'} ${channel.name} by default`,
    );
    if (!isOn) return { is_on: false, rule: 'category_default' };
    if (template?.enabled_by_default !== false) return { is_on: true, rule: 'category_default' };
  }
  const isOn = template?.enabled_by_default ?? true;
  onStep('template_default', isOn, `the template is ${isOn ? 'on' : 'off'} by default`);
  return { is_on: isOn, rule: 'template_default' };
}

/** The most specific choice of the user; undefined if there is none. */
function mostSpecific(user: UserFacts, template: TemplateFacts | null, channel: string): Wish | undefined {
  const { choices, template_choice: whole } = user;
  const find = (category: string | null, id: string | null, name: string | null) =>
    choices.find((choice) => choice.category === category && choice.template === id && choice.channel === name);
  const wish = (rule: DecisionRule, found: StoredChoice | undefined) => found && { is_on: found.is_on, rule };
  const id = template?.id ?? null;
  const key = template?.category?.key ?? null;
  if (id !== null) {
    const exact = find(null, id, channel);
    if (exact !== undefined) {
      const isByLink = exact.unsubscribed === true && !exact.is_on;
      return { is_on: exact.is_on, rule: isByLink ? 'unsubscribed' : 'choice_template_channel' };
    }
    if (whole !== null) {
      return { is_on: whole === 'on', rule: whole === 'unsubscribed' ? 'unsubscribed' : 'choice_template' };
    }
  }
  if (choices.length === 0) return undefined;
  const ofCategory =
    key === null
      ? undefined
      : (wish('choice_category_channel', find(key, null, channel)) ?? wish('choice_category', find(key, null, null)));
  return ofCategory ?? wish('choice_channel', find(null, null, channel));
}

/** When a wanted message must wait; undefined if it need not. Nothing delays an item of the inbox but a pause. */
function decideTime(
  { quiet_hours: quiet, timezone }: UserFacts,
  template: TemplateFacts | null,
  { name, route, is_paused: isPaused = false }: ChannelFacts,
  at: Date,
  onStep: OnStep,
): Decision | undefined {
  if (route === 'waiting') {
    onStep('channel_not_configured', false, `${name} is not configured; the message waits for it`);
    return { verdict: 'holds', rule: 'channel_not_configured', until: null };
  }
  // A passcode is useless later.
  if (quiet !== null && name !== 'inbox' && template?.id !== templateIds.oneTimePasscode) {
    const key = template?.category?.key;
    const breaksThrough = key !== undefined && quiet.breakthrough.includes(key);
    const until = breaksThrough ? null : quietUntil(at, timezone, quiet.windows);
    onStep('quiet_hours', until === null, quietSource(breaksThrough, until));
    if (until !== null) return { verdict: 'holds', rule: 'quiet_hours', until };
  }
  if (isPaused) {
    onStep('notifier_paused', false, 'sending is paused');
    return { verdict: 'holds', rule: 'notifier_paused', until: null };
  }
  return undefined;
}

function quietSource(breaksThrough: boolean, until: Date | null): string {
  if (breaksThrough) return 'the category breaks through the quiet hours of the user';
  return until === null ? 'the quiet hours of the user are not now' : 'the quiet hours of the user';
}

function leftOut(rule: DecisionRule): Decision {
  return { verdict: 'left_out', rule, until: null };
}
