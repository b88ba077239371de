import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbiddenCollection } from '../errors.ts';

/** What an admin may set for the whole deployment; the names are the wire's. */
export interface Settings {
  /** Nothing is sent while this is true; what is to be sent waits. */
  readonly notifier_paused: boolean;
}

export const settingsCollection = 'notification_settings';

/** The row of the table `settings` that holds them. */
export const settingsKey = 'notifications';

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

/** The same question in SQL, for statements that must not run on an answer that is out of date. */
export const isPausedSql = `exists (
  select from settings where key = '${settingsKey}' and value @> '{"notifier_paused": true}'
)`;

/** Whatever is stored, as settings: what is missing or of another type has its default. */
export function toSettings(stored: unknown): Settings {
  const isObject = typeof stored === 'object' && stored !== null;
  return { notifier_paused: isObject && 'notifier_paused' in stored && stored.notifier_paused === true };
}
