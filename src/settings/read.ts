import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbiddenCollection } from '../errors.ts';
import { settingsKey } from './settings-key.ts';

/** What an admin may set for the whole deployment; the names are the wire's. */
export interface Settings {
  /** Nothing is sent while this is true; what is to be sent waits. */
  readonly notifier_paused: boolean;
}

export const settingsCollection = 'notification_settings';

type Store = Pick<ServicePrisma, 'setting'>;

/**
 * The settings, or the defaults while nothing is stored. With a context it is somebody who asks, with a client it is the
 * service itself.
 * @throws ServiceError FORBIDDEN for the anonymous.
 */
export async function readSettings(source: Pick<Context, 'prisma' | 'viewer'> | Store): Promise<Settings> {
  if (!('viewer' in source)) return toSettings(await storedSettings(source));
  if (source.viewer.kind === 'anonymous') throw forbiddenCollection(settingsCollection, 'read');
  return toSettings(await storedSettings(source.prisma));
}

/** What is stored, or undefined while nothing is. */
export async function storedSettings(prisma: Store): Promise<unknown> {
  return (await prisma.setting.findUnique({ where: { key: settingsKey } }))?.value;
}

/** Whatever is stored, as settings: what is missing or of another type has its default. */
export function toSettings(stored: unknown): Settings {
  const isObject = typeof stored === 'object' && stored !== null;
  return { notifier_paused: isObject && 'notifier_paused' in stored && stored.notifier_paused === true };
}
