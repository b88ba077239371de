import type { Preference as PreferenceRow } from '../generated/prisma/client.ts';

/**
 * What a user chose for one template. A template without a row is as its `enabled_by_default` says. `updatedAt` is when the
 * choice was last sent, also when it was the same.
 */
export type Preference = PreferenceRow;

export const preferencesCollection = 'notification_preferences';

/** Whether a user gets notifications of a template. @param disabled what the user stored; undefined or null: nothing. */
export function isEnabled(template: { readonly enabledByDefault: boolean }, disabled?: boolean | null): boolean {
  return disabled === undefined || disabled === null ? template.enabledByDefault : !disabled;
}

/**
 * The same as an SQL condition, for statements that left-join preferences.
 * @param template the alias of `templates`
 * @param preference the alias of `preferences`, whose columns are null where there is no row
 */
export function enabledSql(template: string, preference: string): string {
  return `coalesce(not ${preference}.disabled, ${template}.enabled_by_default)`;
}
