import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import type { WriteContext } from '../notifications/context.ts';
import type { NotificationMethods } from '../notifications/sql/methods.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import type { UserMethods } from './sql/methods.ts';

/** A context in which users are read. */
export interface UserContext extends Context {
  readonly prisma: ServicePrisma<UserMethods & UserKeyMethods>;
}

/** A context in which users may be changed; changes of their inboxes are published. */
export interface UserWriteContext extends WriteContext {
  readonly prisma: ServicePrisma<NotificationMethods & UserMethods & UserKeyMethods>;
}
