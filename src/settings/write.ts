import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbidden, forbiddenCollection } from '../errors.ts';
import { type Settings, settingsCollection, settingsKey, storedSettings, toSettings } from './read.ts';

/** What a write of the settings came to. */
export interface SettingsChange {
  readonly settings: Settings;
  /** False when they were stored like this before. */
  readonly changed: boolean;
}

/**
 * Stores the settings. What is stored already may be sent by anybody who is signed in and changes nothing; as long
 * as nothing is stored, everything is a change, the defaults too.
 * @throws ServiceError FORBIDDEN for a change by somebody who is no admin; FAILED_VALIDATION for a value that is no
 * boolean.
 */
export async function updateSettings(
  { db, viewer }: Pick<Context, 'db' | 'viewer'>,
  { notifier_paused }: { readonly notifier_paused: unknown },
): Promise<SettingsChange> {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(settingsCollection, 'update');
  if (typeof notifier_paused !== 'boolean') {
    throw failedValidation('notifier_paused', 'boolean', 'it must be true or false');
  }
  const settings: Settings = { notifier_paused };
  const stored = await storedSettings(db);
  if (stored !== undefined && toSettings(stored).notifier_paused === notifier_paused) {
    return { settings, changed: false };
  }
  if (!isAdmin(viewer)) throw forbidden();
  // Compared once more in the statement: two admins may write the same at one time, and only one of them changes it.
  const written = await db.query({
    text: `insert into settings (key, value) values ($1, $2::jsonb)
           on conflict (key) do update set value = excluded.value where settings.value <> excluded.value
           returning key`,
    values: [settingsKey, JSON.stringify(settings)],
  });
  return { settings, changed: written.length > 0 };
}
