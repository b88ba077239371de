import { createDirectus, realtime, staticToken, type WebSocketClient, type WebSocketConfig } from '@directus/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { createNotifications, deleteNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';

interface Schema {
  readonly directus_notifications: {
    readonly id: number;
    readonly subject: string;
    readonly status: string;
    readonly collection: string;
  }[];
}

const clients: Pick<WebSocketClient<Schema>, 'disconnect'>[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

/** The SDK wants the WebSocket of browsers; the one of `ws` has the same face. */
const globals = { WebSocket: WebSocket as unknown as typeof globalThis.WebSocket };

describe('the realtime client of the Directus SDK, unchanged', () => {
  const app = useTestApp();

  function clientOf(name: 'admin' | 'alice' | 'bob', config: WebSocketConfig = {}) {
    const client = createDirectus<Schema>(app().url, { globals })
      .with(staticToken(app().people[name].token))
      .with(realtime({ reconnect: false, ...config }));
    clients.push(client);
    return client;
  }
  const admin = () => app().contextOf(app().people.admin);

  it('connects by handshake', async () => {
    const client = clientOf('alice');

    await client.connect();

    await expect(client.isConnected()).resolves.toBe(true);
  });

  it('subscribes to rows and their changes', async () => {
    const { alice } = app().people;
    const client = clientOf('alice');
    await client.connect();
    const { subscription, unsubscribe } = await client.subscribe('directus_notifications', {
      query: { fields: ['id', 'subject'], filter: { collection: { _eq: 'sdk' } }, sort: ['-id'], limit: 5 },
    });

    const init = await subscription.next();
    const first = subscription.next();
    const [row] = await createNotifications(admin(), [{ recipient: alice.id, subject: 'Created', collection: 'sdk' }]);
    const id = row?.id ?? 0;
    const created = await first;
    const second = subscription.next();
    await updateNotifications(admin(), [id], { subject: 'Updated' });
    const updated = await second;
    const third = subscription.next();
    await deleteNotifications(admin(), [id]);
    const deleted = await third;
    unsubscribe();

    const uid = '1';
    const type = 'subscription';
    expect([init, created, updated, deleted].map(({ value }) => value)).toEqual([
      { type, event: 'init', data: [], uid },
      { type, event: 'create', data: [{ id, subject: 'Created' }], uid },
      { type, event: 'update', data: [{ id, subject: 'Updated' }], uid },
      { type, event: 'delete', data: [String(id)], uid },
    ]);
  });

  it('is told of a create of 1,000 whole, in order, though it reads message by message', async () => {
    const { alice } = app().people;
    const client = clientOf('alice');
    await client.connect();
    const { subscription } = await client.subscribe('directus_notifications', {
      event: 'create',
      query: { fields: ['id'] },
    });
    await subscription.next();

    const told = (async () => {
      const ids: unknown[] = [];
      for await (const { data } of subscription as AsyncIterable<{ data: readonly { id: number }[] }>) {
        ids.push(...data.map(({ id }) => id));
        if (ids.length === 1000) break;
      }
      return ids;
    })();
    const items = Array.from({ length: 1000 }, (_, place) => ({ recipient: alice.id, subject: `Number ${place}` }));
    const rows = await createNotifications(admin(), items);
    await expect(told).resolves.toEqual(rows.map(({ id }) => id));
  });
});
