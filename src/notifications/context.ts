import type { Context } from '../context.ts';
import type { Collection } from '../query/collection.ts';
import type { CreatePart } from './insert-statement.ts';
import type { Publisher } from './ranges.ts';

/** A context in which notifications are read by the query language. */
export interface ReadContext extends Context {
  /** The people who send and receive them. */
  readonly usersCollection: Collection;
}

/** A context in which notifications may be changed. */
export interface WriteContext extends Context {
  /** Tells of what was committed. */
  readonly bus: Publisher;
}

/** A context in which notifications may be created. */
export interface CreateContext extends WriteContext {
  readonly outbox: CreateOutbox;
}

/** What creating notifications must know of how they are sent. */
export interface CreateOutbox {
  /** Enqueues an e-mail for each recipient who wants one; undefined: mail is not configured. */
  readonly mailOnCreate: CreatePart | undefined;
  /** Something was enqueued and committed. */
  wake(): void;
}
