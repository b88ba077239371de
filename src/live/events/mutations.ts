import type { Viewer } from '../../auth/viewer.ts';
import type { Queryable } from '../../database/database.ts';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { serviceUnavailable } from '../../errors.ts';
import { type Change, changeFor, changesIn, type VisibleChange } from '../../notifications/changes.ts';
import type { VersionRange } from '../../notifications/ranges.ts';
import type { Bus, BusListener } from '../bus/bus.ts';
import { type BoundedQueue, boundedQueue } from './bounded-queue.ts';

/**
 * What happened to any notification a viewer may see, while connected: one event per key and committed write, in the
 * order in which this node hears of them. It has no cursor; who must not miss anything reads the inbox.
 */
export interface Mutations {
  /**
   * A reader who missed something, being too slow or because this node did not hear of it, gets `SERVICE_UNAVAILABLE`
   * and must read again.
   * @param kind only events of this kind.
   * @throws ServiceError SERVICE_UNAVAILABLE while the writes of other nodes cannot be heard.
   */
  subscribe(viewer: Viewer, kind?: VisibleChange['kind'] | null): Promise<AsyncIterableIterator<VisibleChange>>;
  stop(): void;
}

/** Events that may wait for one subscriber; a create of many rows must fit. */
const waitingEvents = 20_000;
/** Characters that may wait for one subscriber in them. Those who wait for the same event share it. */
const waitingCharacters = 16_000_000;

interface Subscriber {
  readonly kind: VisibleChange['kind'] | null | undefined;
  readonly queue: BoundedQueue<VisibleChange>;
}

/** Those who see the same. */
interface Audience {
  readonly viewer: Viewer;
  readonly subscribers: Set<Subscriber>;
}

/** The audience that sees every inbox; the others go by whose inbox they see. */
const admins = 'admins';

const missed = () => serviceUnavailable('subscriptions', 'events were missed, read again');

/** Reads each write's changes once for all subscribers of this node, and not at all while nobody listens. */
export function createMutations(options: {
  readonly db: Queryable;
  readonly bus: Bus;
  readonly identity: DatabaseIdentity;
  readonly onError: (error: unknown) => void;
}): Mutations {
  const audiences = new Map<string, Audience>();
  // Writes are read one after the other, so that their events keep the order of the bus.
  let reading: Promise<void> = Promise.resolve();
  let listening: Promise<void> | undefined;
  let unsubscribe: (() => void) | undefined;

  const queues = () => [...audiences.values()].flatMap(({ subscribers }) => [...subscribers].map(({ queue }) => queue));
  const failAll = () => {
    for (const queue of queues()) queue.fail(missed());
  };

  // What they were told of may be gone, and what is there now was never told.
  const unlisten = options.identity.onChange(failAll);

  async function tell(ranges: readonly VersionRange[]): Promise<void> {
    if (!audiences.has(admins) && !ranges.some(({ recipient }) => audiences.has(recipient))) return;
    try {
      for (const change of await changesIn(options.db, ranges)) deliver(change);
    } catch (error) {
      options.onError(error);
      failAll();
    }
  }

  function deliver(change: Change): void {
    const recipient = change.kind === 'delete' ? change.recipient_id : change.notification.recipient_id;
    for (const key of [admins, recipient]) {
      const audience = audiences.get(key);
      // One event for all who see the same: what is made of it is made once.
      const visible = audience && changeFor(audience.viewer, change);
      if (!visible) continue;
      for (const { kind, queue } of [...audience.subscribers]) if (!kind || visible.kind === kind) queue.push(visible);
    }
  }

  /** Listens while anybody does; the answer is fulfilled when everything from now on will be heard. */
  function listen(): Promise<void> {
    const listener: BusListener = {
      written(ranges) {
        reading = reading.then(() => tell(ranges));
      },
      interrupted: failAll,
    };
    listening ??= options.bus.subscribe(listener).then(
      (end) => {
        unsubscribe = end;
        leave();
      },
      (error: unknown) => {
        listening = undefined;
        throw error;
      },
    );
    return listening;
  }

  function leave(): void {
    if (audiences.size > 0) return;
    unsubscribe?.();
    if (unsubscribe) listening = undefined;
    unsubscribe = undefined;
  }

  function join(viewer: Viewer, subscriber: Subscriber): () => void {
    const key = viewer.kind === 'user' && viewer.role === 'member' ? viewer.id : admins;
    const audience = audiences.get(key) ?? { viewer, subscribers: new Set() };
    audiences.set(key, audience);
    audience.subscribers.add(subscriber);
    return () => {
      audience.subscribers.delete(subscriber);
      if (audience.subscribers.size > 0) return;
      audiences.delete(key);
      leave();
    };
  }

  return {
    async subscribe(viewer, kind) {
      const queue = boundedQueue<VisibleChange>({
        bound: waitingEvents,
        load: waitingCharacters,
        weigh,
        overflow: missed,
        onEnd: () => end(),
      });
      const end = join(viewer, { kind, queue });
      try {
        await listen();
      } catch (error) {
        void queue.return();
        throw error;
      }
      return queue;
    },
    stop() {
      unlisten();
      for (const queue of queues()) void queue.return();
    },
  };
}

/** The one long thing in an event is the message. */
function weigh(change: VisibleChange): number {
  return change.kind === 'delete' ? 0 : (change.notification.message?.length ?? 0);
}
