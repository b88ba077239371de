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

/** The messages that the client passes to its listener, in order. */
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

/** The SDK expects the WebSocket of browsers; the one of `ws` has the same interface. */
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

  it('the Directus SDK connects by handshake', async () => {
    const client = clientOf('alice');

    await client.connect();

    await expect(client.isConnected()).resolves.toBe(true);
  });

  it('the Directus SDK subscribes to rows and their changes', async () => {
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

  it('the Directus SDK receives a create of 1,000 rows completely and in order', async () => {
    const { alice } = app().people;
    const client = clientOf('alice');
    await client.connect();
    const { subscription } = await client.subscribe('directus_notifications', {
      event: 'create',
      query: { fields: ['id'] },
    });
    await subscription.next();

    const received = (async () => {
      const ids: unknown[] = [];
      for await (const { data } of subscription as AsyncIterable<{ data: readonly { id: number }[] }>) {
        ids.push(...data.map(({ id }) => id));
        if (ids.length === 1000) break;
      }
      return ids;
    })();
    const items = Array.from({ length: 1000 }, (_, index) => ({ recipient: alice.id, subject: `Number ${index}` }));
    const rows = await createNotifications(admin(), items);
    await expect(received).resolves.toEqual(rows.map(({ id }) => id));
  });

  it('the Directus SDK gets pongs for its pings', async () => {
    const client = clientOf('alice');
    const messages = messagesOf(client);
    await client.connect();

    client.sendMessage({ type: 'ping' });
    client.sendMessage('{"type":"ping","uid":"text"}');

    await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: '1' });
    await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: 'text' });
  });

  it('the Directus SDK reports a refused subscription', async () => {
    const client = clientOf('alice');
    await client.connect();
    const { subscription } = await client.subscribe('directus_notifications', {
      query: { filter: { nope: { _eq: 1 } } as object },
    });

    await expect(subscription.next()).rejects.toMatchObject({ error: { code: 'FORBIDDEN' }, uid: '1' });
  });

  it('the Directus SDK receives no events after unsubscribing', async () => {
    const { alice } = app().people;
    const client = clientOf('alice');
    const messages = messagesOf(client);
    await client.connect();
    const { unsubscribe } = await client.subscribe('directus_notifications', { event: 'create' });
    await messages.next();

    unsubscribe();
    await messages.next();
    await createNotifications(admin(), [{ recipient: alice.id, subject: 'Not sent' }]);
    client.sendMessage({ type: 'ping', uid: 'last' });

    await expect(messages.next()).resolves.toEqual({ type: 'pong', uid: 'last' });
  });

  it('the Directus SDK does not connect with a wrong token', async () => {
    const client = createDirectus<Schema>(app().url, { globals })
      .with(staticToken('wrong'))
      .with(realtime({ reconnect: false }));

    await expect(client.connect()).rejects.toBe('Authentication failed while opening websocket connection');
  });

  it('the Directus SDK reconnects after a broken connection and continues its subscription', async () => {
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
    // After a reconnect the client subscribes twice: for the connection and for each reader.
    while (event.event === 'init') event = await messages.next();
    expect(event).toMatchObject({ event: 'create', data: [{ subject: 'After the break' }] });
  });
});

describe('the Directus SDK with a short heartbeat', () => {
  const app = useTestApp({ WEBSOCKETS_HEARTBEAT_PERIOD: '0.1' });

  it('the Directus SDK stays connected with a short heartbeat', async () => {
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

describe.each(['strict', 'public'] as const)('the Directus SDK with a service in %s mode', (mode) => {
  const app = useTestApp({ WEBSOCKETS_REST_AUTH: mode });

  it(`the Directus SDK subscribes in ${mode} mode`, async () => {
    const client = createDirectus<Schema>(app().url, { globals })
      .with(staticToken(app().people.alice.token))
      // The URL of a socket may contain the token in every mode.
      .with(realtime({ reconnect: false, authMode: 'strict' }));
    clients.push(client);
    await client.connect();

    const { subscription } = await client.subscribe('directus_notifications');

    await expect(subscription.next()).resolves.toMatchObject({ value: { event: 'init', data: [], uid: '1' } });
  });

  if (mode === 'public') {
    it('the Directus SDK connects without signing in', async () => {
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
