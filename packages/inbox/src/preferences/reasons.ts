import type { PreferencesKey } from '../strings/preferences/en.ts';
import type { Channel } from './data.ts';

const short: Readonly<Record<string, PreferencesKey>> = {
  category_required: 'preferences.reasonRequired',
  channel_not_configured: 'preferences.reasonNotSetUp',
  choice_category: 'preferences.reasonChoiceCategory',
  choice_category_channel: 'preferences.reasonChoiceCategory',
  choice_channel: 'preferences.reasonChoiceChannel',
  choice_template: 'preferences.reasonChoice',
  choice_template_channel: 'preferences.reasonChoice',
  email_switch_off: 'preferences.reasonMailOff',
  unsubscribed: 'preferences.reasonUnsubscribed',
  user_suspended: 'preferences.reasonSuspended',
};

const long: Readonly<Record<string, PreferencesKey>> = {
  category_default: 'preferences.whyCategoryDefault',
  category_required: 'preferences.whyRequired',
  channel_not_configured: 'preferences.whyNotSetUp',
  choice_category: 'preferences.whyChoiceCategory',
  choice_category_channel: 'preferences.whyChoiceCategory',
  choice_channel: 'preferences.whyChoiceChannel',
  choice_template: 'preferences.whyChoiceTemplate',
  choice_template_channel: 'preferences.whyChoice',
  email_switch_off: 'preferences.whyMailOff',
  notifier_paused: 'preferences.whyPaused',
  quiet_hours: 'preferences.whyQuiet',
  unsubscribed: 'preferences.whyUnsubscribed',
  user_suspended: 'preferences.whySuspended',
};

/** A few words that say why a cell is as it is. */
export function shortReason(rule: string): PreferencesKey {
  return short[rule] ?? 'preferences.reasonDefault';
}

/** A sentence that says what a rule did. @param passed whether it let the message pass */
export function longReason(rule: string, passed: boolean): PreferencesKey {
  if (rule === 'quiet_hours' && passed) return 'preferences.whyQuietNot';
  return long[rule] ?? 'preferences.whyDefault';
}

/** Rules that are choices of the user, which the default can replace. */
export function isChoice(rule: string): boolean {
  return rule === 'choice_template_channel' || rule === 'choice_template' || rule === 'unsubscribed';
}

export const channelKeys: Readonly<Record<Channel, PreferencesKey>> = {
  inbox: 'preferences.channelInbox',
  smtp: 'preferences.channelMail',
  webhook: 'preferences.channelWebhook',
};
