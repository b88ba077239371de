import type { Database } from '../../src/database/database.ts';
import { ServiceError } from '../../src/errors.ts';
import type { Bus } from '../../src/live/bus/bus.ts';
import { createMutations, type Mutations } from '../../src/live/events/mutations.ts';
import { createFeed, type Feed } from '../../src/live/feed/feed.ts';
import { createNotifications, deleteNotifications } from '../../src/notifications/write.ts';
import { userCount } from '../notifications/operations.ts';
import type { Context } from '../notifications/people.ts';
import { aNotification, aUser, contextFor } from '../notifications/people.ts';
import { identityOf } from '../support/identity.ts';
import { aBell, differences, falseCounts, tableOf } from './model-checks.ts';
import { doWrite, type Run, type Step, type Story, type Turn } from './model-operations.ts';
import { aReplica, type Replica } from './model-replica.ts';
import { aListener, faultsOf } from './model-wide.ts';
import type { Witness } from './model-witness.ts';

/** What a caller may be told while users come and go under them; anything else is a fault of ours. */
const expectedCodes: ReadonlySet<string> = new Set(['FORBIDDEN', 'INVALID_FOREIGN_KEY']);
/** How much was looked at, to be reported. */
export interface Tally {
  runs: number;
  writes: number;
  deeds: number;
  changes: number;
  events: number;
}

interface Node {
  readonly bus: Bus;
  readonly feed: Feed;
  readonly mutations: Mutations;
  readonly admin: Context;
}

/** Where stories happen. */
export interface World {
  readonly db: Database;
  /** Of each node. */
  readonly buses: readonly Bus[];
  readonly witness: Witness;
  /** Longest time, in milliseconds, that anything may take to be told. */
  readonly patienceMs: number;
  /** Tests put faulty parts here to see them found out. */
  readonly feedOf?: (feed: Feed) => Feed;
  readonly mutationsOf?: (mutations: Mutations) => Mutations;
}

/** Lets a story happen; gives everything that went wrong. */
export async function happen(
  { db, buses, witness, patienceMs, feedOf = (feed) => feed, mutationsOf = (mutations) => mutations }: World,
  { readers, phases }: Story,
  tally: Tally,
): Promise<string[]> {
  const faults: string[] = [];
  const news = aBell(patienceMs);
  const users = await Promise.all(Array.from({ length: userCount }, () => aUser(db)));
  const adminViewer = { kind: 'user', id: await aUser(db, 'admin'), role: 'admin' } as const;
  const onError = (error: unknown) => void faults.push(`a node failed: ${error}`);
  const nodes = buses.map((bus): Node => {
    const admin = contextFor(db, adminViewer, { bus, now: () => new Date() });
    return {
      bus,
      admin,
      feed: feedOf(createFeed({ db, bus, identity: identityOf(db), onError, checkMs: 1e9 })),
      mutations: mutationsOf(createMutations({ db, bus, identity: identityOf(db), onError })),
    };
  });
  const nodeAt = (place: number) => nodes[place % nodes.length] as Node;
  const keys: number[] = [];
  await witness.deeds();

  const replicas = await Promise.all(
    readers.map(({ of, node, filter }) => {
      const recipient = users[of] ?? '';
      const { feed, bus } = nodeAt(node);
      const own = contextFor(db, { kind: 'user', id: recipient, role: 'member' }, { bus });
      return aReplica({ feed, own, recipient, filter, onTold: news.ring });
    }),
  );
  const listeners = await Promise.all(
    nodes.flatMap(({ mutations }, node) => [
      ...([null, 'create', 'update', 'delete'] as const).map((kind) =>
        aListener(mutations, { node, of: null, kind, onHeard: news.ring }, adminViewer),
      ),
      ...users.map((of) => aListener(mutations, { node, of, kind: null, onHeard: news.ring }, adminViewer)),
    ]),
  );

  async function attempt({ writes, turns }: Step): Promise<void> {
    await Promise.all([
      ...writes.map(async ({ node, write }) => {
        tally.writes += 1;
        const run: Run = { admin: nodeAt(node).admin, users, keys };
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

  /** Waits until everybody was told everything, and looks whether it is true. */
  async function settle(): Promise<void> {
    const state = await tableOf(db, users);
    const departed = new Set(users.filter((id) => !state.has(id)));
    const living = replicas.filter(({ recipient }) => state.has(recipient));
    for (const replica of living) replica.markEnd(state.get(replica.recipient)?.version ?? 0);
    // What everybody is told last: something that is put away at once, counts nowhere, and goes again.
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
        () => 'a wide subscription was not told of everything',
        faults,
      );
    }
    await Promise.all(living.map((replica) => replica.connect()));
    const isThrough = ({ recipient, told }: Replica) => told.at(-1)?.change.key === markers.get(recipient);
    await news.until(
      () => living.every(isThrough),
      () =>
        `readers were not told of everything: ${living.filter((one) => !isThrough(one)).map(({ told }) => told.at(-1)?.version)}`,
      faults,
    );
    for (const replica of living) faults.push(...differences(replica, state.get(replica.recipient)));
    await new Promise(setImmediate);
    const deeds = await witness.deeds();
    tally.deeds += deeds.length;
    for (const listener of listeners) {
      const heard = listener.take();
      tally.events += heard.length;
      if (listener.ending() !== null) faults.push(`${listener.name}: ${listener.ending()}`);
      if (listener.of === null || state.has(listener.of)) faults.push(...faultsOf(listener, heard, deeds, departed));
    }
  }

  for (const steps of phases) {
    for (const step of steps) await attempt(step);
    await settle();
  }
  faults.push(...falseCounts(replicas, await witness.figures()));
  tally.runs += 1;
  for (const { told, faults: own } of replicas) {
    tally.changes += told.length;
    faults.push(...own);
  }
  await Promise.all([...replicas.map((replica) => replica.disconnect()), ...listeners.map((one) => one.end())]);
  for (const { feed, mutations } of nodes) {
    feed.stop();
    mutations.stop();
  }
  return [...new Set(faults)];
}

async function takeTurn(replica: Replica | undefined, { kind, count }: Turn): Promise<void> {
  if (kind === 'disconnect') await replica?.disconnect();
  else if (kind === 'forget') await replica?.forget();
  else await replica?.connect(kind === 'few' ? count : undefined);
}
