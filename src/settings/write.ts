import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbidden, forbiddenCollection } from '../errors.ts';
import { type Settings, settingsCollection, storedSettings, toSettings } from './read.ts';
import { settingsKey } from './settings-key.ts';

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
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  { notifier_paused }: { readonly notifier_paused: unknown },
): Promise<SettingsChange> {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(settingsCollection, 'update');
  if (typeof notifier_paused !== 'boolean') {
    throw failedValidation('notifier_paused', 'boolean', 'must be true or false');
  }
  const settings: Settings = { notifier_paused };
  const stored = await storedSettings(prisma);
  if (stored !== undefined && toSettings(stored).notifier_paused === notifier_paused) {
    return { settings, changed: false };
  }
  if (!isAdmin(viewer)) throw forbidden();
  return { settings, changed: await storeUnlessSame(prisma, settings) };
}

/**
 * Whether this write changed what is stored: of several admins who write the same at one time, only one does. The value is
 * compared by the statement that writes it; between the first two somebody else may store other settings.
 */
async function storeUnlessSame(prisma: Context['prisma'], { notifier_paused }: Settings): Promise<boolean> {
  const value = { notifier_paused };
  const update = () =>
    prisma.setting.updateMany({ where: { key: settingsKey, value: { not: value } }, data: { value } });
  if ((await update()).count > 0) return true;
  const made = await prisma.setting.createMany({ data: [{ key: settingsKey, value }], skipDuplicates: true });
  return made.count > 0 || (await update()).count > 0;
}
