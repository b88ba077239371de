import type { Rendered } from '../../templates/model.ts';
import type { Lease } from '../lease.ts';
import type { MethodName } from '../method-names.ts';
import type { Payload, UserPayload } from '../payload.ts';

/** The result of an attempt. `reason` is shown in the delivery log: it names the failure and contains no secrets. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** Another attempt may succeed; `afterMs` is how long the receiver asked to wait before it. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** No further attempt can succeed. */
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * The receiver is rate limiting and asks to wait; `afterMs` is how long, if it says. This does not count as an
 * attempt: the message is sent later, and nothing else is sent to this receiver until then.
 */
export interface WaitRequest {
  readonly kind: 'wait';
  readonly reason: string;
  readonly afterMs?: number;
}

/**
 * No attempt was made, because of a problem of this service such as a database outage. It does not count as an attempt.
 */
export interface Untried {
  readonly kind: 'untried';
  readonly reason: string;
}

export const sent: Outcome = { kind: 'sent' };

/** A message rendered for one user, ready to be delivered. */
export interface Message {
  /** The delivery's id. It is the same for every attempt, so receivers can recognise a repeated message. */
  readonly id: string;
  readonly templateId: string | null;
  /** The notification in the user's inbox that it is about: its UUID or id. Undefined: there is none. */
  readonly item: string | undefined;
  readonly user: UserPayload;
  /** Messages may share one payload object; the same holds for `content`. */
  readonly payload: Payload;
  /** Rendered lazily: not every method needs all of it. */
  readonly content: Rendered;
  /** The trace context to pass on to the receiver, as W3C's header; null if nothing was traced. */
  readonly traceparent: string | null;
}

/** A running attempt, as passed to its method. */
export interface Attempt {
  /**
   * Registers the listener, which is called when the attempt is cancelled, or immediately if it is already cancelled.
   * An attempt has one listener, which costs much less than an `AbortSignal`.
   */
  onCancel(listener: () => void): void;
}

/** An `AbortSignal` that is aborted when the attempt is cancelled, for libraries that require one. */
export function signalOf(attempt: Attempt): AbortSignal {
  const controller = new AbortController();
  attempt.onCancel(() => controller.abort());
  return controller.signal;
}

/** Sends one message at a time to a receiver outside this service. */
export interface SingleMethod {
  readonly name: MethodName;
  /** Maximum number of concurrent attempts, if it is lower than that of the configuration. */
  readonly concurrency?: number;
  /** Makes one attempt. Settles soon after the attempt is cancelled; rejects only because of a bug. */
  deliver(message: Message, attempt: Attempt): Promise<Outcome | WaitRequest>;
  close(): Promise<void>;
}

/** The part of a lease that a batch method uses. */
export type CurrentLease = Pick<Lease, 'id' | 'expiresAt'>;

/** Writes many messages to the database at once, and marks their deliveries sent in the same transaction. */
export interface BatchMethod {
  readonly name: MethodName;
  /**
   * Delivers the messages that the lease still holds. Returns the outcomes that are not stored yet. A message without
   * an outcome in the result is delivered, and its status is stored. Never rejects.
   */
  deliverMany(messages: readonly Message[], lease: CurrentLease): Promise<ReadonlyMap<string, Outcome | Untried>>;
  close(): Promise<void>;
}

export type Method = SingleMethod | BatchMethod;

/** The text of an error, for the delivery log. */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return error.message || (typeof code === 'string' ? code : error.name);
}
