import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import type { Publisher } from '../notifications/ranges.ts';
import type { NotificationMethods } from '../notifications/sql/methods.ts';
import type { UserMethods } from '../users/sql/methods.ts';
import type { UserDataMethods } from './sql/methods.ts';

/** What erasing a user's data needs. */
export interface EraseContext extends Pick<Context, 'now'> {
  readonly prisma: ServicePrisma<NotificationMethods & UserDataMethods & UserMethods>;
  /** Publishes committed writes to inboxes. */
  readonly bus: Publisher;
}
