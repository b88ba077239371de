import type { Rendered } from '../../templates/model.ts';
import type { Lease } from '../lease.ts';
import type { MethodName } from '../outbox.ts';
import type { Payload, UserPayload } from '../payload.ts';

/** What became of one attempt. `reason` is for the log of deliveries and says what went wrong, without secrets. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** It may work later; not before `afterMs`, when somebody asked for that. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Trying again will not help. */
  | { readonly kind: 'fail'; readonly reason: string };

/**
 * The receiver takes no more for now and asks to wait; `afterMs`: how long, when it says. That is no attempt: the message
 * is sent later, and nothing else is sent to this receiver until then.
 */
export interface WaitRequest {
  readonly kind: 'wait';
  readonly reason: string;
  readonly afterMs?: number;
}

/** It was not tried for a reason of this service's own, such as a database that was away. That is no attempt. */
export interface Untried {
  readonly kind: 'untried';
  readonly reason: string;
}

export const sent: Outcome = { kind: 'sent' };

/** A message to be delivered, rendered. */
export interface Message {
  /** The same for every attempt: receivers know a message they had before by it. */
  readonly id: string;
  readonly templateId: string | null;
  /** Who gets it. */
  readonly user: UserPayload;
  /** May be one object for many messages, as may the content. */
  readonly payload: Payload;
  /** Made when it is first asked for: not every method needs all of it. */
  readonly content: Rendered;
}

/** An attempt, as its method sees it. */
export interface Attempt {
  /** Calls the one listener when the attempt is given up, or has been, at a fraction of the cost of a signal. */
  onGivenUp(listener: () => void): void;
}

/** Aborted when the attempt is given up, for what has to be told by a signal. */
export function signalOf(attempt: Attempt): AbortSignal {
  const controller = new AbortController();
  attempt.onGivenUp(() => controller.abort());
  return controller.signal;
}

/** Carries one message at a time out of the house. */
export interface Sender {
  readonly name: MethodName;
  /** Most messages at one time, where that is less than the configuration allows. */
  readonly concurrency?: number;
  /** One attempt. It ends soon after it is given up, and rejects with nothing but what is a fault of its own. */
  deliver(message: Message, attempt: Attempt): Promise<Outcome | WaitRequest>;
  close(): Promise<void>;
}

/** What a store needs to know of the lease it delivers from. */
export type HeldLease = Pick<Lease, 'id' | 'expiresAt'>;

/** Writes messages to the database, many at once, and marks them sent in the same transaction. */
export interface Store {
  readonly name: MethodName;
  /**
   * Delivers what this lease still holds. What is missing in the answer is delivered and marked; the rest has the
   * outcome that is to be stored. Never rejects.
   */
  deliverMany(messages: readonly Message[], lease: HeldLease): Promise<ReadonlyMap<string, Outcome | Untried>>;
  close(): Promise<void>;
}

export type Method = Sender | Store;
