import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { announceRevocation } from '../../src/auth/revocations.ts';
import { createTokenWatch } from '../../src/auth/token-watch.ts';
import { userViewer } from '../../src/auth/viewer.ts';
import { openDatabase } from '../../src/database/client.ts';
import { createMemoryBus } from '../../src/live/bus/bus.ts';
import { createFeed } from '../../src/live/feed/feed.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { createUsers, deleteUsers } from '../../src/users/write.ts';
import { aNotification, aUser, contextFor } from '../notifications/people.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';
import { openWatch } from '../support/coder-client.ts';
import { onTestDatabase } from '../support/database.ts';
import { identityOf } from '../support/identity.ts';

const { db, url } = await onTestDatabase();

const subscription = 'subscription { inbox_changes { kind } }';

describe('deleting a user', () => {
  const app = useTestApp();

  it('deleting a user closes every connection that follows their inbox', async () => {
    const { admin } = app().people;
    const token = 'the-token-of-dave';
    const [dave = ''] = await createUsers(app().contextOf(admin), [{ token }]);
    const address = app().url.replace('http', 'ws');
    const socket = new WebSocket(`${address}/graphql?access_token=${token}`, 'graphql-transport-ws');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    await new Promise((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription } }));
    const stream = await fetch(`${app().url}/graphql/system?query=${encodeURIComponent(subscription)}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    const watch = await openWatch(
      new WebSocket(`${address}/api/v2/notifications/inbox/watch`, { headers: { 'coder-session-token': token } }),
    );

    const { body } = await graphql(app(), admin, `mutation { delete_users_item(id: "${dave}") { id } }`);

    expect(body.errors).toBeUndefined();
    await expect(closed).resolves.toBe(4403);
    await expect(watch.closed).resolves.toBe(1008);
    await expect(stream.text()).rejects.toThrow();
  });
});

describe('deleting a user on another node', () => {
  it.each([
    ['with notifications in the inbox', 1],
    ['with an empty inbox', 0],
  ])('deleting a user on another node closes their connections here immediately, %s', async (_what, count) => {
    const here = await openDatabase({ url, poolSize: 2 });
    const bus = createMemoryBus();
    const admin = contextFor(db, userViewer(await aUser(db, 'admin'), 'admin'), { bus });
    const token = `the-token-of-number-${count}`;
    const [id = ''] = await createUsers(admin, [{ token }]);
    await createNotifications(
      admin,
      Array.from({ length: count }, () => aNotification(id)),
    );
    // This node does not poll, so that only the bus tells it of the deletion.
    const watch = createTokenWatch({ prisma: servicePrisma(here), now: () => new Date(), periodMs: 1e9 });
    const feed = createFeed({
      prisma: servicePrisma(here),
      bus,
      identity: identityOf(here),
      checkMs: 1e9,
      onError: () => undefined,
      onUserDeleted: (user) => announceRevocation(servicePrisma(here), user),
    });
    await feed.open({ recipient: id });
    const gone = new Promise<void>((resolve) => {
      watch.watch(token, userViewer(id, 'member'), resolve);
    });

    await deleteUsers(admin, [id]);
    await gone;

    watch.stop();
    feed.stop();
    await here.close();
  });
});
