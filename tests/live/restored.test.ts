import { describe, expect, it } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import { createMemoryBus } from '../../src/live/bus/bus.ts';
import { createNotificationEvents } from '../../src/live/events/notification-events.ts';
import { decodeCursor } from '../../src/live/feed/cursor.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { aNotification, failureOf } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';
import { anIdentity } from '../support/identity.ts';
import { withStatements } from '../support/statements.ts';
import { aFeed, inShort, take } from './stage.ts';

const { db } = await onTestDatabase();
const kinds = (changes: readonly { readonly kind: string }[]) => changes.map(({ kind }) => kind);

describe('a change of the store identity', () => {
  it('a restored database resets open feeds, which then continue', async () => {
    const { open, admin, recipient, identity } = await aFeed(db);
    const waiting = await open();
    const behind = await open();
    await createNotifications(admin, [aNotification(recipient)]);
    await take(waiting, 1);
    const first = take(waiting, 1);

    identity.change();
    const received = await first;
    await createNotifications(admin, [aNotification(recipient)]);
    received.push(...(await take(waiting, 1)));

    expect(kinds(received)).toEqual(['reset', 'created']);
    for (const { cursor } of received) expect(decodeCursor(cursor, 'cursor').database).toBe(identity.current());
    expect(kinds(await take(behind, 1))).toEqual(['reset']);
  });

  it('a restored database resets cursors from before and accepts those from after', async () => {
    const { open, inbox, admin, recipient, identity } = await aFeed(db);
    const { cursor: before } = await inbox();
    identity.change();
    const { cursor: after } = await inbox();
    const [made] = await createNotifications(admin, [aNotification(recipient)]);

    expect(kinds(await take(await open({ after: before }), 1))).toEqual(['reset']);
    expect((await take(await open({ after }), 1)).map(inShort)).toEqual([`created ${made?.id}, 1 unread`]);
  });

  it('a batch read before a restore is not sent as the state after it', async () => {
    const held: (() => void)[] = [];
    let isHeld = false;
    const { feed, admin, recipient, identity } = await aFeed(db, {
      prisma: servicePrisma(
        withStatements(db, {
          async query(sql) {
            const rows = await db.query(sql);
            if (isHeld && sql.name === 'read_inbox_changes') await new Promise<void>((resolve) => held.push(resolve));
            return rows as never;
          },
        }),
      ),
    });
    const changes = await feed.open({ recipient });
    isHeld = true;
    const next = take(changes, 1);
    await createNotifications(admin, [aNotification(recipient)]);
    while (held.length === 0) await new Promise(setImmediate);

    isHeld = false;
    identity.change();
    for (const release of held) release();

    expect(kinds(await next)).toEqual(['reset']);
  });

  it('a restored database fails wide subscriptions with missed events', async () => {
    const identity = anIdentity();
    const notificationEvents = createNotificationEvents({
      prisma: servicePrisma(db),
      bus: createMemoryBus(),
      identity,
      onError: () => undefined,
    });
    const events = await notificationEvents.subscribe(userViewer('', 'admin'));
    const failure = failureOf(events.next());

    identity.change();

    expect(await failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    notificationEvents.stop();
  });
});
