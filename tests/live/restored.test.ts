import { describe, expect, it } from '@jest/globals';
import { memoryBus } from '../../src/live/bus/bus.ts';
import { createMutations } from '../../src/live/events/mutations.ts';
import { decodeCursor } from '../../src/live/feed/cursor.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { aNotification, failureOf } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';
import { anIdentity } from '../support/identity.ts';
import { aFeed, inShort, take } from './stage.ts';

const { db } = await onTestDatabase();
const kinds = (changes: readonly { readonly kind: string }[]) => changes.map(({ kind }) => kind);

describe('when the database has another history, as after a restore', () => {
  it('who follows an inbox is reset, and goes on from there', async () => {
    const { open, admin, recipient, identity } = await aFeed(db);
    const waiting = await open();
    const behind = await open();
    await createNotifications(admin, [aNotification(recipient)]);
    await take(waiting, 1);
    const first = take(waiting, 1);

    identity.change();
    const told = await first;
    await createNotifications(admin, [aNotification(recipient)]);
    told.push(...(await take(waiting, 1)));

    expect(kinds(told)).toEqual(['reset', 'created']);
    for (const { cursor } of told) expect(decodeCursor(cursor, 'cursor').database).toBe(identity.current());
    expect(kinds(await take(behind, 1))).toEqual(['reset']);
  });

  it('a cursor from before is reset, and one from after is followed', async () => {
    const { open, inbox, admin, recipient, identity } = await aFeed(db);
    const { cursor: before } = await inbox();
    identity.change();
    const { cursor: after } = await inbox();
    const [made] = await createNotifications(admin, [aNotification(recipient)]);

    expect(kinds(await take(await open({ after: before }), 1))).toEqual(['reset']);
    expect((await take(await open({ after }), 1)).map(inShort)).toEqual([`created ${made?.id}, 1 unread`]);
  });

  it('what was read before it is not told as what is there now', async () => {
    const held: (() => void)[] = [];
    let isHeld = false;
    const { feed, admin, recipient, identity } = await aFeed(db, {
      db: {
        async query(sql) {
          const rows = await db.query(sql);
          if (isHeld && sql.name === 'read_inbox_changes') await new Promise<void>((resolve) => held.push(resolve));
          return rows as never;
        },
      },
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

  it('who hears of every write is told that events were missed', async () => {
    const identity = anIdentity();
    const mutations = createMutations({ db, bus: memoryBus(), identity, onError: () => undefined });
    const events = await mutations.subscribe({ kind: 'user', id: '', role: 'admin' } as never);
    const failure = failureOf(events.next());

    identity.change();

    expect(await failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    mutations.stop();
  });
});
