import { userViewer } from '../../src/auth/viewer.ts';
import type { Database } from '../../src/database/database.ts';
import { ServiceError } from '../../src/errors.ts';
import type { Bus } from '../../src/live/bus/bus.ts';
import { createNotificationEvents, type NotificationEvents } from '../../src/live/events/notification-events.ts';
import { createFeed, type Feed } from '../../src/live/feed/feed.ts';
import { createNotifications, deleteNotifications } from '../../src/notifications/write.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { userCount } from '../notifications/operations.ts';
import type { Context } from '../notifications/people.ts';
import { aNotification, aUser, contextFor } from '../notifications/people.ts';
import { identityOf } from '../support/identity.ts';
import { aConditionWaiter, differences, falseCounts, tableOf } from './model-checks.ts';
import { doWrite, type Run, type Step, type Story, type Turn } from './model-operations.ts';
import { aReplica, type Replica } from './model-replica.ts';
import { aListener, faultsOf } from './model-wide.ts';
import type { Witness } from './model-witness.ts';

/** Errors a caller may get while users are created and deleted; anything else is a bug. */
const expectedCodes: ReadonlySet<string> = new Set(['FORBIDDEN', 'INVALID_FOREIGN_KEY']);
/** Numbers of checked items, for the report. */
export interface Tally {
  runs: number;
  writes: number;
  effects: number;
  changes: number;
  events: number;
}

interface Node {
  readonly bus: Bus;
  readonly feed: Feed;
  readonly notificationEvents: NotificationEvents;
  readonly admin: Context;
}

/** The environment of a run. */
export interface World {
  readonly db: Database;
  /** One for each node. */
  readonly buses: readonly Bus[];
  readonly witness: Witness;
  /** Maximum milliseconds to wait until a change is received. */
  readonly timeoutMs: number;
  /** Tests insert faulty parts here to check that they are detected. */
  readonly feedOf?: (feed: Feed) => Feed;
  readonly eventsOf?: (notificationEvents: NotificationEvents) => NotificationEvents;
}

/** Plays a run; returns all faults. */
export async function play(
  {
    db,
    buses,
    witness,
    timeoutMs,
    feedOf = (feed) => feed,
    eventsOf = (notificationEvents) => notificationEvents,
  }: World,
  { readers, phases }: Story,
  tally: Tally,
): Promise<string[]> {
  const faults: string[] = [];
  const news = aConditionWaiter(timeoutMs);
  const users = await Promise.all(Array.from({ length: userCount }, () => aUser(db)));
  const adminViewer = userViewer(await aUser(db, 'admin'), 'admin');
  const onError = (error: unknown) => void faults.push(`a node failed: ${error}`);
  const nodes = buses.map((bus): Node => {
    const admin = contextFor(db, adminViewer, { bus, now: () => new Date() });
    return {
      bus,
      admin,
      feed: feedOf(createFeed({ prisma: servicePrisma(db), bus, identity: identityOf(db), onError, checkMs: 1e9 })),
      notificationEvents: eventsOf(
        createNotificationEvents({ prisma: servicePrisma(db), bus, identity: identityOf(db), onError }),
      ),
    };
  });
  const nodeAt = (index: number) => nodes[index % nodes.length] as Node;
  const keys: number[] = [];
  const operations: Run['operations'] = [];
  await witness.effects();

  const replicas = await Promise.all(
    readers.map(({ of, node, filter }) => {
      const recipient = users[of] ?? '';
      const { feed, bus } = nodeAt(node);
      const own = contextFor(db, userViewer(recipient, 'member'), { bus });
      return aReplica({ feed, own, recipient, filter, onChange: news.notify });
    }),
  );
  const listeners = await Promise.all(
    nodes.flatMap(({ notificationEvents }, node) => [
      ...([null, 'create', 'update', 'delete'] as const).map((kind) =>
        aListener(notificationEvents, { node, of: null, kind, onEvent: news.notify }, adminViewer),
      ),
      ...users.map((of) => aListener(notificationEvents, { node, of, kind: null, onEvent: news.notify }, adminViewer)),
    ]),
  );

  async function runStep({ writes, turns }: Step): Promise<void> {
    await Promise.all([
      ...writes.map(async ({ node, write }) => {
        tally.writes += 1;
        const run: Run = { admin: nodeAt(node).admin, users, keys, operations };
        try {
          await doWrite(run, write);
        } catch (error) {
          if (!(error instanceof ServiceError && expectedCodes.has(error.code))) faults.push(`${write.kind}: ${error}`);
        }
      }),
      (async () => {
        for (const turn of turns) await takeTurn(replicas[turn.reader % replicas.length], turn);
      })(),
    ]);
  }

  /** Waits until replicas and listeners have received everything, then compares them with the table and the writes. */
  async function settle(): Promise<void> {
    const state = await tableOf(db, users);
    const existing = replicas.filter(({ recipient }) => state.has(recipient));
    for (const replica of existing) replica.markEnd(state.get(replica.recipient)?.version ?? 0);
    // The last write to every inbox creates and deletes an archived notification, so that no count changes.
    const markers = new Map<string, number>();
    for (const { admin } of nodes) {
      const items = [...state.keys()].map((recipient) => aNotification(recipient, { status: 'archived' }));
      const rows = await createNotifications(admin, items);
      const ids = rows.map(({ id }) => id);
      await deleteNotifications(admin, ids);
      for (const { id, recipient_id } of rows) markers.set(recipient_id, id);
      await news.until(
        () =>
          listeners.every((one) => one.of !== null || (one.kind ?? 'delete') !== 'delete' || one.has('delete', ids)),
        () => 'a wide subscription did not receive every event',
        faults,
      );
    }
    await Promise.all(existing.map((replica) => replica.connect()));
    const hasReceivedAll = ({ recipient, received }: Replica) => received.at(-1)?.change.key === markers.get(recipient);
    await news.until(
      () => existing.every(hasReceivedAll),
      () =>
        `replicas did not receive every change: ${existing.filter((one) => !hasReceivedAll(one)).map(({ received }) => received.at(-1)?.version)}`,
      faults,
    );
    for (const replica of existing) faults.push(...differences(replica, state.get(replica.recipient)));
    await new Promise(setImmediate);
    const effects = await witness.effects();
    tally.effects += effects.length;
    for (const listener of listeners) {
      const received = listener.take();
      tally.events += received.length;
      if (listener.ending() !== null) faults.push(`${listener.name}: ${listener.ending()}`);
      if (listener.of === null || state.has(listener.of)) faults.push(...faultsOf(listener, received, effects));
    }
  }

  for (const steps of phases) {
    for (const step of steps) await runStep(step);
    await settle();
  }
  faults.push(...falseCounts(replicas, await witness.figures()));
  tally.runs += 1;
  for (const { received, faults: own } of replicas) {
    tally.changes += received.length;
    faults.push(...own);
  }
  await Promise.all([...replicas.map((replica) => replica.disconnect()), ...listeners.map((one) => one.end())]);
  for (const { feed, notificationEvents } of nodes) {
    feed.stop();
    notificationEvents.stop();
  }
  return [...new Set(faults)];
}

async function takeTurn(replica: Replica | undefined, { kind, count }: Turn): Promise<void> {
  if (kind === 'disconnect') await replica?.disconnect();
  else if (kind === 'forget') await replica?.forget();
  else await replica?.connect(kind === 'few' ? count : undefined);
}
