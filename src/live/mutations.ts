import type { Viewer } from '../auth/viewer.ts';
import type { Queryable } from '../database/database.ts';
import { serviceUnavailable } from '../errors.ts';
import { type Change, changeFor, changesIn, type VisibleChange } from '../notifications/changes.ts';
import { type BoundedQueue, boundedQueue } from './bounded-queue.ts';
import type { Bus, VersionRange } from './bus.ts';

/**
 * What happened to any notification a viewer may see, while connected: one event per key and committed write,
 * in the order of the writes to an inbox. It has no cursor; who must not miss anything reads the inbox.
 */
export interface Mutations {
  /** @param kind only events of this kind; a reader too slow to follow gets `SERVICE_UNAVAILABLE` and must read again. */
  subscribe(viewer: Viewer, kind?: VisibleChange['kind'] | null): AsyncIterableIterator<VisibleChange>;
  stop(): void;
}

/** Events that may wait for one subscriber; a create of many rows must fit. */
const waitingEvents = 20_000;
/** Characters that may wait for one subscriber in them. Those who wait for the same event share it. */
const waitingCharacters = 16_000_000;

interface Subscriber {
  readonly viewer: Viewer;
  readonly kind: VisibleChange['kind'] | null | undefined;
  readonly queue: BoundedQueue<VisibleChange>;
}

/** Reads each write's changes once for all subscribers of this node, and not at all while nobody listens. */
export function createMutations(options: {
  readonly db: Queryable;
  readonly bus: Bus;
  readonly onError: (error: unknown) => void;
}): Mutations {
  const subscribers = new Set<Subscriber>();
  // Writes are read one after the other, so that their events keep the order of the bus.
  let reading: Promise<void> = Promise.resolve();

  const missed = () => serviceUnavailable('subscriptions', 'events were missed, read again');

  async function tell(ranges: readonly VersionRange[]): Promise<void> {
    const listeners = [...subscribers];
    if (!listeners.some(({ viewer }) => concerns(viewer, ranges))) return;
    try {
      deliver(listeners, await changesIn(options.db, ranges));
    } catch (error) {
      options.onError(error);
      for (const { queue } of listeners) queue.fail(missed());
    }
  }

  const unsubscribe = options.bus.subscribe((ranges) => {
    if (subscribers.size === 0) return;
    reading = reading.then(() => tell(ranges));
  });

  return {
    subscribe(viewer, kind) {
      const queue = boundedQueue<VisibleChange>({
        bound: waitingEvents,
        load: waitingCharacters,
        weigh,
        overflow: missed,
        onEnd: () => subscribers.delete(subscriber),
      });
      const subscriber: Subscriber = { viewer, kind, queue };
      subscribers.add(subscriber);
      return queue;
    },
    stop() {
      unsubscribe();
      for (const { queue } of [...subscribers]) void queue.return();
    },
  };
}

/** The one long thing in an event is the message. */
function weigh(change: VisibleChange): number {
  return change.kind === 'delete' ? 0 : (change.notification.message?.length ?? 0);
}

/** Whether a write to these inboxes can hold anything for the viewer. */
function concerns(viewer: Viewer, ranges: readonly VersionRange[]): boolean {
  if (viewer.kind === 'anonymous') return false;
  return viewer.role === 'admin' || ranges.some(({ recipient }) => recipient === viewer.id);
}

function deliver(subscribers: readonly Subscriber[], changes: readonly Change[]): void {
  for (const { viewer, kind, queue } of subscribers) {
    for (const change of changes) {
      const visible = changeFor(viewer, change);
      if (visible && (!kind || visible.kind === kind)) queue.push(visible);
    }
  }
}
