import type { Logger } from 'pino';
import type { Viewer } from '../../../auth/viewer.ts';
import { forbidden, ServiceError, toldWithoutToken } from '../../../errors.ts';
import { failureOf, type ResultStream, subscribe } from '../../../operations/subscribe.ts';
import type { Services } from '../../shared/services.ts';
import { inBatches } from './batches.ts';
import { errorFrame, FrameError, type SubscribeFrame, type Uid } from './frames.ts';
import type { Outbox } from './outbox.ts';
import type { Change, RealtimePlan, RealtimePlanner } from './plan.ts';
import type { Session } from './session.ts';

export interface SubscriptionsOptions extends Pick<Services, 'operations' | 'createContext'> {
  readonly planner: RealtimePlanner;
  readonly session: Pick<Session, 'viewer' | 'epoch' | 'settled'>;
  readonly outbox: Outbox;
  readonly log: Pick<Logger, 'error'>;
  /** Called when one ends by itself: events were missed, there will be no more, or for a fault of ours. */
  readonly onEnd: (reason: 'missed' | 'stopped' | 'failed') => void;
  /** Most subscriptions at a time. */
  readonly most: number;
  /** Most characters of the queries of all of them together. */
  readonly mostCharacters: number;
}

/** The subscriptions of one socket. */
export interface Subscriptions {
  subscribe(frame: SubscribeFrame): Promise<void>;
  /** @param uid unset: all of them */
  unsubscribe(uid?: Uid): void;
  /** Begins all of them anew for whoever speaks now. */
  restart(): Promise<void>;
  /** Ends all of them, for good. */
  close(): void;
}

interface Subscription {
  readonly frame: SubscribeFrame;
  /** Its length as text. */
  readonly characters: number;
  readonly plan: RealtimePlan;
  readonly events: ResultStream;
  /** Keys of rows told of at the beginning. */
  readonly known: Set<string>;
}

/** Keys remembered of those that were told at the beginning: the newest, of whose creation an event may be under way. */
const knownMax = 1000;

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { operations, createContext, planner, session, outbox, log, onEnd, most, mostCharacters } = options;
  // By uid; one without has a key of its own.
  const open = new Map<string | symbol, Subscription>();
  let isClosed = false;
  let delivering: Promise<void> = Promise.resolve();

  function drop(key: string | symbol): void {
    const subscription = open.get(key);
    open.delete(key);
    void subscription?.events.return?.();
  }

  async function listen({ subscription: { document, variables } }: RealtimePlan, viewer: Viewer) {
    const events = await subscribe(operations, {
      document: operations.parse(document),
      variableValues: variables,
      contextValue: createContext(viewer),
    });
    if (Symbol.asyncIterator in events) return events;
    throw failureOf(events);
  }

  async function begin(key: string | symbol, frame: SubscribeFrame): Promise<void> {
    if (frame.collection !== planner.collection)
      throw forbidden('There is no such collection, or it cannot be subscribed to');
    if (open.size >= most) throw forbidden(`A socket may have ${most} subscriptions at a time`);
    const characters = JSON.stringify(frame).length;
    const all = [...open.values()].reduce((sum, each) => sum + each.characters, characters);
    if (all > mostCharacters) throw forbidden(`The queries of a socket may have ${mostCharacters} characters together`);
    const { viewer, epoch } = session;
    const plan = planner.plan(frame, viewer);
    // Before anything is read: what happens meanwhile waits, and is told after what was read.
    const events = await listen(plan, viewer);
    try {
      const { told, known } = await plan.begin();
      // Nobody is told what somebody else was allowed to see, and nothing is left behind a closed socket.
      if (isClosed || epoch !== session.epoch) throw forbidden();
      outbox.push({ type: 'subscription', event: 'init', ...told, ...uidOf(frame) });
      const subscription = { frame, characters, plan, events, known: newest(known) };
      open.set(key, subscription);
      void follow(key, subscription);
    } catch (error) {
      void events.return?.();
      throw error;
    }
  }

  async function tryToBegin(key: string | symbol, frame: SubscribeFrame): Promise<void> {
    drop(key);
    if (isClosed) return;
    try {
      await begin(key, frame);
    } catch (error) {
      if (!isFamiliar(error)) log.error({ err: error }, 'subscription failed');
      const isAnonymous = session.viewer.kind === 'anonymous';
      const told = isAnonymous && error instanceof ServiceError ? toldWithoutToken(error) : error;
      outbox.push(errorFrame('subscribe', told, frame.uid));
    }
  }

  async function follow(key: string | symbol, subscription: Subscription): Promise<void> {
    const isOpen = () => open.get(key) === subscription;
    try {
      for await (const batch of inBatches(changesOf(subscription), joinerOf(subscription.plan.most))) {
        // One after the other, whichever subscription they are of: no more waits than one of them is long.
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
    await outbox.room();
    if (!first || !isOpen()) return;
    const keys = batch.map(({ key }) => key);
    let frames: readonly unknown[];
    let epoch: number;
    do {
      await session.settled();
      if (!isOpen()) return;
      epoch = session.epoch;
      frames = await plan.tell(first.kind, keys);
    } while (epoch !== session.epoch);
    if (!isOpen()) return;
    for (const data of frames) outbox.push({ type: 'subscription', event: first.kind, data, ...uidOf(frame) });
  }

  function unsubscribe(uid?: Uid): void {
    for (const key of uid === undefined ? [...open.keys()] : [String(uid)]) drop(key);
  }

  return {
    subscribe: (frame) => tryToBegin(frame.uid === undefined ? Symbol() : String(frame.uid), frame),
    unsubscribe,
    close() {
      isClosed = true;
      unsubscribe();
    },
    // Everything ends before it returns, and begins after that.
    async restart() {
      const all = [...open];
      for (const [key] of all) drop(key);
      for (const [key, { frame }] of all) await tryToBegin(key, frame);
    },
  };
}

/** The changes that were asked for, without the creation of rows that were told of at the beginning. */
async function* changesOf({ events, plan, known }: Subscription): AsyncGenerator<Change, void, void> {
  for (;;) {
    const event = await events.next();
    if (event.done) return;
    if (event.value.errors) throw failureOf(event.value);
    const change = plan.changeOf(event.value.data);
    if (!change) continue;
    const isTold = change.kind !== 'update' && known.delete(change.key);
    if (change.kind !== 'create' || !isTold) yield change;
  }
}

/** Changes of one kind, each of another row, are told together. */
function joinerOf(most: number) {
  return ({ kind, key }: Change) => {
    const keys = new Set([key]);
    return (next: Change) => {
      const joins = next.kind === kind && !keys.has(next.key) && keys.size < most;
      if (joins) keys.add(next.key);
      return joins;
    };
  };
}

/** The newest of the keys; keys grow. */
function newest(keys: Iterable<string>): Set<string> {
  const all = [...keys];
  return new Set(all.length <= knownMax ? all : all.sort((a, b) => Number(b) - Number(a)).slice(0, knownMax));
}

function uidOf({ uid }: SubscribeFrame): { readonly uid?: string } {
  return uid === undefined ? {} : { uid: String(uid) };
}

function isFamiliar(error: unknown): boolean {
  return error instanceof ServiceError || error instanceof FrameError;
}

function isMissed(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE';
}
