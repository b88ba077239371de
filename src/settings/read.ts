import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbiddenCollection } from '../errors.ts';
import type { Prisma, Setting } from '../generated/prisma/client.ts';
import { settingsKey } from './settings-key.ts';

/** Settings of the whole deployment, under the names of the API. */
export interface Settings {
  /** While true nothing is sent; deliveries stay queued. */
  readonly notifier_paused: boolean;
}

export const settingsCollection = 'notification_settings';

/** The row that holds the settings, with at least the columns that its query selects. */
export type SettingsRecord = Setting;

/** The columns to read. */
export type SettingsQuery = Pick<Prisma.SettingFindUniqueArgs, 'select'>;

type Store = Pick<ServicePrisma, 'setting'>;

/**
 * Returns the row of the settings, or a row with the defaults if nothing is stored; `toSettings` reads its value.
 * @throws ServiceError FORBIDDEN for anonymous viewers.
 */
export async function getSettings(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  query: SettingsQuery = {},
): Promise<SettingsRecord> {
  if (!may(viewer, 'settings.read')) throw forbiddenCollection(settingsCollection, 'read');
  const row = await prisma.setting.findUnique({ ...query, where: { key: settingsKey } });
  return row ?? toRecord(toSettings(undefined));
}

/** The stored value; undefined if there is none. */
export async function storedSettings(prisma: Store): Promise<unknown> {
  return (await prisma.setting.findUnique({ where: { key: settingsKey } }))?.value;
}

/** Reads a stored value as settings; missing or mistyped fields get their defaults. */
export function toSettings(stored: unknown): Settings {
  const isObject = typeof stored === 'object' && stored !== null;
  return { notifier_paused: isObject && 'notifier_paused' in stored && stored.notifier_paused === true };
}

/** Converts settings to a row of the table `settings`. */
export function toRecord(settings: Settings): SettingsRecord {
  return { key: settingsKey, value: { ...settings } };
}
