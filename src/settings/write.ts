import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbidden, forbiddenCollection } from '../errors.ts';
import { type Settings, settingsCollection, storedSettings, toSettings } from './read.ts';
import { settingsKey } from './settings-key.ts';

/** The result of a write. */
export interface SettingsChange {
  readonly settings: Settings;
  /** False if the same settings were stored before. */
  readonly changed: boolean;
}

/**
 * Stores the settings. Viewers who may not change them may send the stored values, which changes nothing. If nothing is
 * stored, every write is a change, even one that stores the defaults.
 * @throws ServiceError FORBIDDEN for anonymous viewers, and for a change by a viewer who may not make it;
 * FAILED_VALIDATION for a value that is not a boolean.
 */
export async function updateSettings(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  { notifier_paused }: { readonly notifier_paused: unknown },
): Promise<SettingsChange> {
  if (!may(viewer, 'settings.read')) throw forbiddenCollection(settingsCollection, 'update');
  if (typeof notifier_paused !== 'boolean') {
    throw failedValidation('notifier_paused', 'boolean', 'must be true or false');
  }
  const settings: Settings = { notifier_paused };
  const stored = await storedSettings(prisma);
  if (stored !== undefined && toSettings(stored).notifier_paused === notifier_paused) {
    return { settings, changed: false };
  }
  if (!may(viewer, 'settings.update')) throw forbidden();
  return { settings, changed: await storeUnlessSame(prisma, settings) };
}

/**
 * Stores the settings and returns whether this write changed them. If several writes store the same value concurrently,
 * only one of them changes the row, because the UPDATE compares the value. The UPDATE runs again if another write
 * inserted the row before the INSERT.
 */
async function storeUnlessSame(prisma: Context['prisma'], { notifier_paused }: Settings): Promise<boolean> {
  const value = { notifier_paused };
  const update = () =>
    prisma.setting.updateMany({ where: { key: settingsKey, value: { not: value } }, data: { value } });
  if ((await update()).count > 0) return true;
  const inserted = await prisma.setting.createMany({ data: [{ key: settingsKey, value }], skipDuplicates: true });
  return inserted.count > 0 || (await update()).count > 0;
}
