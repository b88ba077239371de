import type { Preference as PreferenceRow } from '../generated/prisma/client.ts';

/**
 * A user's choice for one template. Without a row the template's `enabled_by_default` applies. `updated_at` is when the
 * choice was last written, even if it did not change.
 */
export type Preference = PreferenceRow;

export const preferencesCollection = 'notification_preferences';
