import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import type { Collection } from '../query/collection.ts';
import type { Publisher } from './ranges.ts';
import type { CreatePart } from './sql/create-part.ts';
import type { NotificationMethods } from './sql/methods.ts';

/** A context for reading notifications with the query language. */
export interface ReadContext extends Context {
  readonly prisma: ServicePrisma<NotificationMethods>;
  /** The collection of their senders and recipients. */
  readonly usersCollection: Collection;
}

/** A context for changing notifications. */
export interface WriteContext extends Context {
  readonly prisma: ServicePrisma<NotificationMethods>;
  /** Publishes committed writes. */
  readonly bus: Publisher;
}

/** A context for creating notifications. */
export interface CreateContext extends WriteContext {
  readonly dispatch: CreateDispatchPort;
}

/** What creating notifications needs from the dispatcher. */
export interface CreateDispatchPort {
  /** Part of the create statement that enqueues e-mails to recipients who want them; undefined if mail is not configured. */
  readonly mailOnCreate: CreatePart | undefined;
  /** To be called after deliveries were enqueued and committed. */
  wake(): void;
}
