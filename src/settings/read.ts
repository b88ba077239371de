import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database/database.ts';
import { forbiddenCollection } from '../errors.ts';

/** What an admin may set for the whole deployment; the names are the wire's. */
export interface Settings {
  /** Nothing is sent while this is true; what is to be sent waits. */
  readonly notifier_paused: boolean;
}

export const settingsCollection = 'notification_settings';

/** The row of the table `settings` that holds them. */
export const settingsKey = 'notifications';

/**
 * The settings, or the defaults while nothing is stored. With a context it is somebody who asks, with a database it is
 * the service itself.
 * @throws ServiceError FORBIDDEN for the anonymous.
 */
export async function readSettings(source: Pick<Context, 'db' | 'viewer'> | Database): Promise<Settings> {
  if (!('viewer' in source)) return toSettings(await storedSettings(source));
  if (source.viewer.kind === 'anonymous') throw forbiddenCollection(settingsCollection, 'read');
  return toSettings(await storedSettings(source.db));
}

/** What is stored, or undefined while nothing is. */
export async function storedSettings(db: Queryable): Promise<unknown> {
  const rows = await db.query<{ value: unknown }>({
    name: 'settings-read',
    text: 'select value from settings where key = $1',
    values: [settingsKey],
  });
  return rows[0]?.value;
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
