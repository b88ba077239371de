import type { Preference as PreferenceRow } from '../generated/prisma/client.ts';

/**
 * A user's choice for one template. Without a row the template's `enabled_by_default` applies. `updated_at` is when the
 * choice was last written, even if it did not change.
 */
export type Preference = PreferenceRow;

export const preferencesCollection = 'notification_preferences';

/** Whether a user gets notifications of a template. @param disabled the stored choice, if there is one. */
export function isEnabled(template: { readonly enabled_by_default: boolean }, disabled?: boolean | null): boolean {
  return disabled === undefined || disabled === null ? template.enabled_by_default : !disabled;
}

/**
 * The same as an SQL condition, for statements that left-join preferences.
 * @param template the alias of `templates`
 * @param preference the alias of `preferences`, whose columns are null where there is no row
 */
export function enabledSql(template: string, preference: string): string {
  return `coalesce(not ${preference}.disabled, ${template}.enabled_by_default)`;
}
