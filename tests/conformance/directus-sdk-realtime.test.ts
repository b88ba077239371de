import { createDirectus, realtime, staticToken, type WebSocketClient, type WebSocketConfig } from '@directus/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { createNotifications, deleteNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import type { Message } from '../support/realtime-client.ts';

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

/** What the client tells its listener of messages, one after the other. */
function messagesOf(client: Pick<WebSocketClient<Schema>, 'onWebSocket'>): { next(): Promise<Message> } {
  const messages: Message[] = [];
  const readers: ((message: Message) => void)[] = [];
  client.onWebSocket('message', (message: Message) => {
    if (message.type === 'auth') return;
    const reader = readers.shift();
    if (reader) reader(message);
    else messages.push(message);
  });
  return {
    next: async () => (messages.length > 0 ? messages.shift() : new Promise((resolve) => readers.push(resolve))),
  };
}

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

  it('is answered its pings', async () => {
    const client = clientOf('alice');
    const messages = messagesOf(client);
    await client.connect();

    client.sendMessage({ type: 'ping' });
    client.sendMessage('{"type":"ping","uid":"text"}');

    await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: '1' });
    await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: 'text' });
  });

  it('reads the refusal of a subscription', async () => {
    const client = clientOf('alice');
    await client.connect();
    const { subscription } = await client.subscribe('directus_notifications', {
      query: { filter: { nope: { _eq: 1 } } as object },
    });

    await expect(subscription.next()).rejects.toMatchObject({ error: { code: 'FORBIDDEN' }, uid: '1' });
  });

  it('is told nothing any more after unsubscribing', async () => {
    const { alice } = app().people;
    const client = clientOf('alice');
    const messages = messagesOf(client);
    await client.connect();
    const { unsubscribe } = await client.subscribe('directus_notifications', { event: 'create' });
    await messages.next();

    unsubscribe();
    await messages.next();
    await createNotifications(admin(), [{ recipient: alice.id, subject: 'Not told' }]);
    client.sendMessage({ type: 'ping', uid: 'last' });

    await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: 'last' });
  });

  it('does not connect with a wrong token', async () => {
    const client = createDirectus<Schema>(app().url, { globals })
      .with(staticToken('wrong'))
      .with(realtime({ reconnect: false }));

    await expect(client.connect()).rejects.toBe('Authentication failed while opening websocket connection');
  });

  it('comes back after the connection broke, and its subscription goes on', async () => {
    const { alice } = app().people;
    const client = clientOf('alice', { reconnect: { delay: 100, retries: 5 } });
    const messages = messagesOf(client);
    const socket = await client.connect();
    await client.subscribe('directus_notifications', { event: 'create', query: { fields: ['subject'] } });
    await messages.next();

    socket.close();
    const again = await messages.next();
    await createNotifications(admin(), [{ recipient: alice.id, subject: 'After the break' }]);

    expect(again).toMatchObject({ event: 'init', uid: '1' });
    let event = await messages.next();
    // The client sends its subscriptions when it is back, and once more for whoever reads them.
    while (event.event === 'init') event = await messages.next();
    expect(event).toMatchObject({ event: 'create', data: [{ subject: 'After the break' }] });
  });
});

describe('the same client where it must show often that it is there', () => {
  const app = useTestApp({ WEBSOCKETS_HEARTBEAT_PERIOD: '0.1' });

  it('stays', async () => {
    const client = createDirectus<Schema>(app().url, { globals })
      .with(staticToken(app().people.alice.token))
      .with(realtime({ reconnect: false }));
    clients.push(client);
    const socket = await client.connect();

    await new Promise<void>((resolve) => {
      let pings = 0;
      socket.addEventListener('message', ({ data }: { readonly data: string }) => {
        if (JSON.parse(data).type === 'ping') pings += 1;
        if (pings === 5) resolve();
      });
    });

    await expect(client.isConnected()).resolves.toBe(true);
  });
});

describe.each(['strict', 'public'] as const)('the same client where the service is %s', (mode) => {
  const app = useTestApp({ WEBSOCKETS_REST_AUTH: mode });

  it('subscribes', async () => {
    const client = createDirectus<Schema>(app().url, { globals })
      .with(staticToken(app().people.alice.token))
      // The address of a socket may hold the token in every mode.
      .with(realtime({ reconnect: false, authMode: 'strict' }));
    clients.push(client);
    await client.connect();

    const { subscription } = await client.subscribe('directus_notifications');

    await expect(subscription.next()).resolves.toMatchObject({ value: { event: 'init', data: [], uid: '1' } });
  });

  if (mode === 'public') {
    it('connects without anybody having signed in', async () => {
      const client = createDirectus<Schema>(app().url, { globals }).with(
        realtime({ reconnect: false, authMode: 'public' }),
      );
      clients.push(client);
      const messages = messagesOf(client);
      await client.connect();

      client.sendMessage({ type: 'ping' });

      await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: '1' });
    });
  }
});
