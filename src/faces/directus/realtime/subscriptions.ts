import type { Logger } from 'pino';
import type { Viewer } from '../../../auth/viewer.ts';
import { errorForAnonymous, forbidden, ServiceError } from '../../../errors.ts';
import { failureOf, type ResultStream, subscribe } from '../../../operations/subscribe.ts';
import type { Charge } from '../../../rate-limits/caller-limits.ts';
import type { Services } from '../../shared/services.ts';
import { inBatches } from './batches.ts';
import { errorFrame, FrameError, type SubscribeFrame, type Uid } from './frames.ts';
import type { Change, RealtimePlan, RealtimePlanner } from './plan.ts';
import type { Session } from './realtime-session.ts';
import type { SendQueue } from './send-queue.ts';

export interface SubscriptionsOptions extends Pick<Services, 'operations' | 'createContext'> {
  readonly planner: RealtimePlanner;
  readonly session: Pick<Session, 'viewer' | 'epoch' | 'settled'>;
  readonly sendQueue: SendQueue;
  readonly log: Pick<Logger, 'error'>;
  /** Called when a subscription's stream ends: events were missed, the service stops, or an internal error occurred. */
  readonly onEnd: (reason: 'missed' | 'stopped' | 'failed') => void;
  /** Maximum number of open subscriptions. */
  readonly maxSubscriptions: number;
  /** Maximum number of characters in the queries of all open subscriptions together. */
  readonly maxCharacters: number;
}

/** The subscriptions of one socket. */
export interface Subscriptions {
  /** @param charge takes the price from the points of the caller */
  subscribe(frame: SubscribeFrame, charge: Charge | undefined): Promise<void>;
  /** @param uid undefined: all subscriptions */
  unsubscribe(uid?: Uid): void;
  /** Closes all subscriptions and subscribes again as the current viewer. */
  restart(): Promise<void>;
  /** Closes all subscriptions and refuses new ones. */
  close(): void;
}

interface Subscription {
  readonly frame: SubscribeFrame;
  /** Length of the frame as JSON. */
  readonly characters: number;
  readonly plan: RealtimePlan;
  readonly events: ResultStream;
  /** Keys of rows sent in the initial message, whose creation must not be sent again. */
  readonly initialKeys: Set<string>;
}

/** Maximum number of initial keys kept. The newest are kept, because only their creation events can still arrive. */
const maxInitialKeys = 1000;

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { operations, createContext, planner, session, sendQueue, log, onEnd, maxSubscriptions, maxCharacters } =
    options;
  // By uid; a subscription without uid has a symbol as its key.
  const open = new Map<string | symbol, Subscription>();
  let isClosed = false;
  let delivering: Promise<void> = Promise.resolve();

  function drop(key: string | symbol): void {
    const subscription = open.get(key);
    open.delete(key);
    void subscription?.events.return?.();
  }

  async function openStream({ subscription: { document, variables } }: RealtimePlan, viewer: Viewer, charge?: Charge) {
    const events = await subscribe(operations, {
      document: operations.parse(document),
      variableValues: variables,
      contextValue: createContext(viewer, { charge }),
    });
    if (Symbol.asyncIterator in events) return events;
    throw failureOf(events);
  }

  async function openSubscription(key: string | symbol, frame: SubscribeFrame, charge?: Charge): Promise<void> {
    if (frame.collection !== planner.collection)
      throw forbidden('There is no such collection, or it cannot be subscribed to');
    if (open.size >= maxSubscriptions) throw forbidden(`A socket may have ${maxSubscriptions} subscriptions at a time`);
    const characters = JSON.stringify(frame).length;
    const total = [...open.values()].reduce((sum, each) => sum + each.characters, characters);
    if (total > maxCharacters) throw forbidden(`The queries of a socket may have ${maxCharacters} characters in total`);
    const { viewer, epoch } = session;
    const plan = planner.plan(frame, viewer);
    // The stream opens before the rows are read, so it queues the changes made meanwhile; they are sent afterwards.
    const events = await openStream(plan, viewer, charge);
    try {
      const { message, keys } = await plan.readInitial(charge);
      // If the viewer changed or the socket closed meanwhile, the rows are not sent and the stream is closed.
      if (isClosed || epoch !== session.epoch) throw forbidden();
      sendQueue.push({ type: 'subscription', event: 'init', ...message, ...uidOf(frame) });
      const subscription = { frame, characters, plan, events, initialKeys: newest(keys) };
      open.set(key, subscription);
      void follow(key, subscription);
    } catch (error) {
      void events.return?.();
      throw error;
    }
  }

  async function resubscribe(key: string | symbol, frame: SubscribeFrame, charge?: Charge): Promise<void> {
    drop(key);
    if (isClosed) return;
    try {
      await openSubscription(key, frame, charge);
    } catch (error) {
      if (!isExpected(error)) log.error({ err: error }, 'subscription failed');
      const isAnonymous = session.viewer.kind === 'anonymous';
      const shown = isAnonymous && error instanceof ServiceError ? errorForAnonymous(error) : error;
      sendQueue.push(errorFrame('subscribe', shown, frame.uid));
    }
  }

  async function follow(key: string | symbol, subscription: Subscription): Promise<void> {
    const isOpen = () => open.get(key) === subscription;
    try {
      for await (const batch of inBatches(changesOf(subscription), batchableWith(subscription.plan.maxKeys))) {
        // Subscriptions deliver one at a time, so at most one batch is queued at a time.
        const delivery = delivering.then(() => deliver(subscription, batch, isOpen));
        delivering = delivery.catch(() => undefined);
        await delivery;
      }
      if (isOpen()) onEnd('stopped');
    } catch (error) {
      if (!isOpen()) return;
      if (isMissed(error)) return onEnd('missed');
      log.error({ err: error }, 'subscription failed');
      onEnd('failed');
    }
  }

  async function deliver({ plan, frame }: Subscription, batch: readonly Change[], isOpen: () => boolean) {
    const [first] = batch;
    await sendQueue.waitForRoom();
    if (!first || !isOpen()) return;
    const keys = batch.map(({ key }) => key);
    let frames: readonly unknown[];
    let epoch: number;
    do {
      await session.settled();
      if (!isOpen()) return;
      epoch = session.epoch;
      frames = await plan.framesOf(first.kind, keys);
    } while (epoch !== session.epoch);
    if (!isOpen()) return;
    for (const data of frames) sendQueue.push({ type: 'subscription', event: first.kind, data, ...uidOf(frame) });
  }

  function unsubscribe(uid?: Uid): void {
    for (const key of uid === undefined ? [...open.keys()] : [String(uid)]) drop(key);
  }

  return {
    subscribe: (frame, charge) => resubscribe(frame.uid === undefined ? Symbol() : String(frame.uid), frame, charge),
    unsubscribe,
    close() {
      isClosed = true;
      unsubscribe();
    },
    // All subscriptions are dropped synchronously, then opened again.
    async restart() {
      const all = [...open];
      for (const [key] of all) drop(key);
      for (const [key, { frame }] of all) await resubscribe(key, frame);
    },
  };
}

/** The changes that the plan selects, without the creation of rows in the initial message. */
async function* changesOf({ events, plan, initialKeys }: Subscription): AsyncGenerator<Change, void, void> {
  for (;;) {
    const event = await events.next();
    if (event.done) return;
    if (event.value.errors) throw failureOf(event.value);
    const change = plan.changeOf(event.value.data);
    if (!change) continue;
    const isInitial = change.kind !== 'update' && initialKeys.delete(change.key);
    if (change.kind !== 'create' || !isInitial) yield change;
  }
}

/** Consecutive changes of the same kind to different rows share a batch. */
function batchableWith(maxKeys: number) {
  return ({ kind, key }: Change) => {
    const keys = new Set([key]);
    return (next: Change) => {
      const fits = next.kind === kind && !keys.has(next.key) && keys.size < maxKeys;
      if (fits) keys.add(next.key);
      return fits;
    };
  };
}

/** The newest of the keys; newer rows have greater keys. */
function newest(keys: Iterable<string>): Set<string> {
  const all = [...keys];
  return new Set(
    all.length <= maxInitialKeys ? all : all.sort((a, b) => Number(b) - Number(a)).slice(0, maxInitialKeys),
  );
}

function uidOf({ uid }: SubscribeFrame): { readonly uid?: string } {
  return uid === undefined ? {} : { uid: String(uid) };
}

function isExpected(error: unknown): boolean {
  return error instanceof ServiceError || error instanceof FrameError;
}

function isMissed(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE';
}
