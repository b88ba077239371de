import { may } from '../../auth/rights.ts';
import { ownerOf, type Viewer } from '../../auth/viewer.ts';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { serviceUnavailable } from '../../errors.ts';
import type { VersionRange } from '../../notifications/ranges.ts';
import type { NotificationMethods } from '../../notifications/sql/methods.ts';
import { eventFor, readEvents, type VisibleEvent, type WriteEvent } from '../../notifications/write-events.ts';
import type { Bus, BusListener } from '../bus/bus.ts';
import { type BoundedQueue, createBoundedQueue } from './bounded-queue.ts';

/**
 * Events about all notifications that a viewer may see: one event for each notification that a committed write changed,
 * in the order in which this node receives the writes. Events have no cursor; a client that must not miss any follows
 * the inbox instead.
 */
export interface NotificationEvents {
  /**
   * A reader that missed events, because it was too slow or the bus was interrupted, gets `SERVICE_UNAVAILABLE` and
   * must read the notifications again.
   * @param kind only events of this kind.
   * @throws ServiceError SERVICE_UNAVAILABLE while writes of other nodes cannot be received.
   */
  subscribe(viewer: Viewer, kind?: VisibleEvent['kind'] | null): Promise<AsyncIterableIterator<VisibleEvent>>;
  stop(): void;
}

/** Maximum number of events buffered for one subscriber; large enough for a create of many rows. */
const maxBufferedEvents = 20_000;
/** Maximum number of characters in the events buffered for one subscriber. Subscribers share the event objects. */
const maxBufferedCharacters = 16_000_000;

interface Subscriber {
  readonly kind: VisibleEvent['kind'] | null | undefined;
  readonly queue: BoundedQueue<VisibleEvent>;
}

/** Subscribers that see the same notifications. */
interface Audience {
  readonly viewer: Viewer;
  readonly subscribers: Set<Subscriber>;
}

/** Key of the audience that sees every inbox; the other keys are recipients. */
const admins = 'admins';

const eventsMissed = () => serviceUnavailable('subscriptions', 'events were missed, read again');

/** Reads the events of each write once for all subscribers of this node, and not at all while there are none. */
export function createNotificationEvents(options: {
  readonly prisma: NotificationMethods;
  readonly bus: Bus;
  readonly identity: DatabaseIdentity;
  readonly onError: (error: unknown) => void;
}): NotificationEvents {
  const audiences = new Map<string, Audience>();
  // Writes are read one after the other, so that events keep the order of the bus.
  let lastRead: Promise<void> = Promise.resolve();
  let subscribing: Promise<void> | undefined;
  let unsubscribeFromBus: (() => void) | undefined;

  const queues = () => [...audiences.values()].flatMap(({ subscribers }) => [...subscribers].map(({ queue }) => queue));
  const failAll = () => {
    for (const queue of queues()) queue.fail(eventsMissed());
  };

  // The identity of the database changes after a restore or failover: rows that were sent may no longer exist, and
  // others were never sent.
  const stopWatchingIdentity = options.identity.onChange(failAll);

  async function notify(ranges: readonly VersionRange[]): Promise<void> {
    if (!audiences.has(admins) && !ranges.some(({ recipient }) => audiences.has(recipient))) return;
    try {
      for (const event of await readEvents(options.prisma, ranges)) send(event);
    } catch (error) {
      options.onError(error);
      failAll();
    }
  }

  function send(event: WriteEvent): void {
    const recipient = event.kind === 'delete' ? event.recipient_id : event.notification.recipient_id;
    for (const key of [admins, recipient]) {
      const audience = audiences.get(key);
      // One object for the whole audience, so that it is executed and serialised once.
      const visible = audience && eventFor(audience.viewer, event);
      if (!visible) continue;
      for (const { kind, queue } of [...audience.subscribers]) if (!kind || visible.kind === kind) queue.push(visible);
    }
  }

  /** Subscribes to the bus while there are subscribers. Resolves when all later writes will be received. */
  function subscribeToBus(): Promise<void> {
    const listener: BusListener = {
      written(ranges) {
        lastRead = lastRead.then(() => notify(ranges));
      },
      interrupted: failAll,
    };
    subscribing ??= options.bus.subscribe(listener).then(
      (end) => {
        unsubscribeFromBus = end;
        unsubscribeIfUnused();
      },
      (error: unknown) => {
        subscribing = undefined;
        throw error;
      },
    );
    return subscribing;
  }

  function unsubscribeIfUnused(): void {
    if (audiences.size > 0) return;
    unsubscribeFromBus?.();
    if (unsubscribeFromBus) subscribing = undefined;
    unsubscribeFromBus = undefined;
  }

  function addSubscriber(viewer: Viewer, subscriber: Subscriber): () => void {
    const key = may(viewer, 'notifications.read_all') ? admins : ownerOf(viewer);
    const audience = audiences.get(key) ?? { viewer, subscribers: new Set() };
    audiences.set(key, audience);
    audience.subscribers.add(subscriber);
    return () => {
      audience.subscribers.delete(subscriber);
      if (audience.subscribers.size > 0) return;
      audiences.delete(key);
      unsubscribeIfUnused();
    };
  }

  return {
    async subscribe(viewer, kind) {
      const queue = createBoundedQueue<VisibleEvent>({
        bound: maxBufferedEvents,
        load: maxBufferedCharacters,
        weigh,
        overflow: eventsMissed,
        onEnd: () => end(),
      });
      const end = addSubscriber(viewer, { kind, queue });
      try {
        await subscribeToBus();
      } catch (error) {
        void queue.return();
        throw error;
      }
      return queue;
    },
    stop() {
      stopWatchingIdentity();
      for (const queue of queues()) void queue.return();
    },
  };
}

/** The message is the only long field of an event. */
function weigh(event: VisibleEvent): number {
  return event.kind === 'delete' ? 0 : (event.notification.message?.length ?? 0);
}
