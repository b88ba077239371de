import type { Texts } from '../../format-text.ts';

/** English texts of the preferences, and the keys of all of them. */
export const en = {
  'preferences.title': 'Notification settings',
} satisfies Texts;

export type PreferencesKey = keyof typeof en;
