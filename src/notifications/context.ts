import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import type { Collection } from '../query/collection.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import type { Publisher } from './ranges.ts';
import type { CreatePart } from './sql/create-part.ts';
import type { NotificationMethods } from './sql/methods.ts';

/** The context that reading notifications with the query language needs. */
export interface ReadContext extends Context {
  readonly prisma: ServicePrisma<NotificationMethods & UserKeyMethods>;
  /** The collection of users, for senders and recipients. */
  readonly usersCollection: Collection;
}

/** The context that changing notifications needs. */
export interface WriteContext extends Context {
  readonly prisma: ServicePrisma<NotificationMethods & UserKeyMethods>;
  /** Publishes committed writes. */
  readonly bus: Publisher;
}

/** The context that creating notifications needs. */
export interface CreateContext extends WriteContext {
  readonly dispatch: CreateDispatchPort;
}

/** The parts of the dispatcher that creating notifications needs. */
export interface CreateDispatchPort {
  /**
   * Part of the create statement that enqueues e-mails to recipients who want them; undefined if mail is not
   * configured.
   */
  readonly mailOnCreate: CreatePart | undefined;
  /** To be called after deliveries were enqueued and committed. */
  wake(): void;
}
