import fc from 'fast-check';
import { deliverToInboxes } from '../../src/dispatch/deliver-to-inboxes.ts';
import { enqueue } from '../../src/dispatch/enqueue.ts';
import { leaseDeliveries } from '../../src/dispatch/lease.ts';
import type { InboxFilter } from '../../src/notifications/inbox-filter.ts';
import { createNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { mark, type Run as NotificationRun, operation, perform, userCount } from '../notifications/operations.ts';
import { aNotification } from '../notifications/people.ts';

/** The labels that the texts of the templates name. */
const labels = { name: 'dev', reason: 'autodelete', initiator: 'bob', timeTilDormant: '1 day' };
/** The templates and targets of the messages and filters of a run. */
const templates = ['f517da0b-cdc9-410f-ab89-a86107c420ed', '0ea69165-ec14-4314-91f1-69566ac3c5a0'] as const;
const targets = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const;

const user = fc.nat(userCount - 1);
const some = <Value>(values: readonly Value[]) => fc.subarray([...values], { minLength: 1 });

/**
 * A write: an `operation`, an update of the text of many rows, messages sent through the dispatcher, or a create of
 * more than one batch.
 */
const write = fc.oneof(
  { weight: 20, arbitrary: operation },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rename'),
      picks: fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }),
      subject: fc.constantFrom('One', 'Two', 'Three'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('deliver'),
      // Only to users who are not deleted: messages to others are tested with the dispatcher.
      to: fc.uniqueArray(fc.nat(userCount - 3), { minLength: 1 }),
      template: fc.constantFrom(...templates),
      targets: fc.subarray([...targets]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('flood'), to: user, count: fc.integer({ min: 150, max: 450 }) }),
  },
);
export type Write = typeof write extends fc.Arbitrary<infer Value> ? Value : never;

/** An action on one replica. Replicas are chosen by index, modulo their number. */
const turn = fc.record({
  reader: fc.nat(50),
  // `few` takes `count` more changes, then stops reading and leaves the stream open.
  kind: fc.constantFrom('connect', 'disconnect', 'few', 'all', 'forget'),
  count: fc.integer({ min: 1, max: 4 }),
});
export type Turn = typeof turn extends fc.Arbitrary<infer Value> ? Value : never;

/** Concurrent actions: writes, each on one of the nodes, and actions on replicas. */
const step = fc.record({
  writes: fc.array(fc.record({ node: fc.nat(1), write }), { minLength: 1, maxLength: 8 }),
  turns: fc.array(turn, { maxLength: 4 }),
});
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const filter: fc.Arbitrary<InboxFilter> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: fc.record(
      { read_status: fc.constantFrom('read', 'unread', 'all'), targets: some(targets), templates: some(templates) },
      { requiredKeys: [] },
    ),
  },
);

/**
 * A run: the replicas, each with an inbox and a node, and phases of actions. After each phase, the test waits until
 * everything was received.
 */
export const story = fc.record({
  readers: fc.array(fc.record({ of: user, node: fc.nat(1), filter }), { minLength: 4, maxLength: 10 }),
  phases: fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
});
export type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

export type Run = Omit<NotificationRun, 'mark'>;

/** Makes one write through the service; does nothing if there is nothing to write to yet. */
export async function doWrite(run: Run, write: Write): Promise<void> {
  const { admin, users, keys } = run;
  switch (write.kind) {
    case 'rename': {
      const ids = write.picks.flatMap((index) => keys[index % keys.length] ?? []);
      await updateNotifications(admin, ids, { subject: write.subject });
      return;
    }
    case 'flood': {
      const items = Array.from({ length: write.count }, () => aNotification(users[write.to] ?? ''));
      const rows = await createNotifications(admin, items);
      keys.push(...rows.slice(0, 5).map(({ id }) => id));
      return;
    }
    case 'deliver':
      return deliver(run, write);
    default:
      return perform({ ...run, mark }, write);
  }
}

/** Sends by a template, as a dispatcher does with due messages. */
async function deliver({ admin, users, keys }: Run, write: Extract<Write, { kind: 'deliver' }>): Promise<void> {
  const { db, prisma, bus, now } = admin;
  const recipients = write.to.map((index) => users[index] ?? '');
  // Different content each time: equal messages are not sent twice on one day.
  const data = { number: `${process.hrtime.bigint()}` };
  await enqueue(admin, { template: write.template, recipients, targets: write.targets, labels, data });
  const lease = await leaseDeliveries(prisma, { method: 'inbox', count: 100, notifier: 'model', periodMs: 60_000 });
  const rows = lease.deliveries.map(({ id }) => ({ id, subject: 'Delivered', message: id }));
  // Skips locked inboxes and retries until none is left.
  for (let rest = rows; rest.length > 0; ) {
    const delivered = await deliverToInboxes(prisma, {
      leaseId: lease.id,
      timestamp: now(),
      rows: rest,
      skipLocked: true,
    });
    bus.publish(delivered.ranges);
    rest = rest.filter(({ id }) => delivered.locked.has(id));
  }
  const ids = await db.query<{ id: number }>({
    text: 'select id from notifications where uuid = any ($1::uuid[])',
    values: [rows.map(({ id }) => id)],
  });
  keys.push(...ids.map(({ id }) => id));
}
