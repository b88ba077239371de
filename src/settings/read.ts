import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbiddenCollection } from '../errors.ts';
import { settingsKey } from './settings-key.ts';

/** Settings of the whole deployment, under the names of the API. */
export interface Settings {
  /** While true nothing is sent; deliveries stay queued. */
  readonly notifier_paused: boolean;
}

export const settingsCollection = 'notification_settings';

type Store = Pick<ServicePrisma, 'setting'>;

/**
 * The settings, or the defaults while nothing is stored.
 * @param source a context, whose viewer is checked, or a Prisma client for use by the service itself.
 * @throws ServiceError FORBIDDEN for anonymous viewers.
 */
export async function readSettings(source: Pick<Context, 'prisma' | 'viewer'> | Store): Promise<Settings> {
  if (!('viewer' in source)) return toSettings(await storedSettings(source));
  if (source.viewer.kind === 'anonymous') throw forbiddenCollection(settingsCollection, 'read');
  return toSettings(await storedSettings(source.prisma));
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
