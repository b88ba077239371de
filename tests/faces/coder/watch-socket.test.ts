import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { type ClientOptions, WebSocket } from 'ws';
import { createConnections } from '../../../src/auth/connections.ts';
import { userViewer } from '../../../src/auth/viewer.ts';
import { serviceUnavailable } from '../../../src/errors.ts';
import { type CoderWatchOptions, coderWatch } from '../../../src/faces/coder/watch-socket.ts';
import { endStalledConnections } from '../../../src/faces/shared/stalled.ts';
import { routeUpgrades } from '../../../src/faces/shared/upgrade.ts';
import { type BoundedQueue, createBoundedQueue } from '../../../src/live/events/bounded-queue.ts';
import { createOperations } from '../../../src/operations/operations.ts';
import type { GraphQLContext } from '../../../src/schema/context.ts';

/** A watch socket without the rest of the service, over a schema whose only subscription sends what the test pushes. */
interface Stage {
  readonly port: number;
  readonly items: BoundedQueue<{ readonly item: string }>;
  /** Resolves when the subscription has ended. */
  readonly ended: Promise<void>;
  /** The sockets on the side of the service. */
  readonly served: () => WebSocket[];
  /** What was logged. */
  readonly logged: unknown[];
  connect(options?: ClientOptions): Promise<WebSocket>;
  /** The first message of a new socket. */
  firstMessage(): Promise<string>;
}

const opened: { readonly http: Server; readonly sockets: WebSocket[] }[] = [];
afterEach(() => {
  for (const { http, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.terminate();
    http.close();
  }
});

/** @param fail called instead of reading an event. */
function schemaOf(items: AsyncIterable<unknown>, fail: (() => never) | undefined): GraphQLSchema {
  const schema = buildSchema('type Query { nothing: Int } type Subscription { item: String }');
  const field = schema.getSubscriptionType()?.getFields()['item'];
  if (!field) throw new Error('the schema lacks its field');
  field.subscribe = () => items;
  if (fail) field.resolve = fail;
  return schema;
}

async function aStage(
  more: Partial<CoderWatchOptions> & { readonly fail?: () => never; readonly stalledMs?: number } = {},
): Promise<Stage> {
  const logged: unknown[] = [];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const overflow = () => serviceUnavailable('subscriptions', 'events were missed');
  const items = createBoundedQueue<{ readonly item: string }>({ bound: 10_000, overflow, onEnd: () => end() });
  const { fail, stalledMs = 60_000, ...options } = more;
  const schema = schemaOf(items, fail);
  const route = coderWatch({
    operations: createOperations(schema, { tokenLimit: 1000, introspection: true, answerMax: 1_000_000 }),
    createContext: () => ({ viewer: userViewer('somebody', 'member') }) as GraphQLContext,
    tokens: { watch: () => () => undefined },
    plan: async () => ({
      token: undefined,
      viewer: userViewer('somebody', 'member'),
      subscription: 'subscription { item }',
      variables: {},
      messageOf: (event) => ({ text: (event as { item: string }).item }),
    }),
    connections: createConnections(100),
    log: { error: (entry: unknown) => void logged.push(entry) },
    maxPayloadBytes: 1024,
    heartbeatMs: 60_000,
    ...options,
  });
  const http = createServer();
  endStalledConnections(http, stalledMs);
  const sockets: WebSocket[] = [];
  opened.push({ http, sockets });
  const refuse = (error: unknown) => ({ status: 500, body: String(error) });
  routeUpgrades(http, new Map([['/watch', route]]), refuse, (path) => new Error(path));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  function dial(clientOptions?: ClientOptions): WebSocket {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/watch`, clientOptions);
    sockets.push(socket);
    return socket;
  }
  return {
    port,
    items,
    ended,
    served: () => [...route.server.clients],
    logged,
    async connect(clientOptions) {
      const socket = dial(clientOptions);
      await once(socket, 'open');
      return socket;
    },
    async firstMessage() {
      const [message] = await once(dial(), 'message');
      return String(message);
    },
  };
}

const closeOf = async (socket: WebSocket) => {
  const [code] = await once(socket, 'close');
  return code;
};

describe('the watch socket', () => {
  it('the watch socket sends each item as one line of JSON', async () => {
    const { items, connect } = await aStage();
    const socket = await connect();

    items.push({ item: 'One' });
    const [message, isBinary] = await once(socket, 'message');

    expect([String(message), isBinary]).toEqual(['{"text":"One"}\n', false]);
  });

  it('the watch socket sends notifications created during the upgrade', async () => {
    const { items, firstMessage } = await aStage();
    items.push({ item: 'Early' });

    // The message may arrive in one read together with the answer to the handshake.
    const message = await firstMessage();

    expect(message).toContain('Early');
  });

  it('the watch socket ends the subscription when the client disconnects', async () => {
    const { connect, ended } = await aStage();
    const socket = await connect();

    socket.close();

    await expect(ended).resolves.toBeUndefined();
  });

  it('the watch socket ends the subscription when the handshake fails', async () => {
    const { port, ended } = await aStage();
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };

    const [response] = await once(request({ port, host: '127.0.0.1', path: '/watch', headers }).end(), 'response');

    expect(response.statusCode).toBe(400);
    await expect(ended).resolves.toBeUndefined();
  });

  it('the watch socket stays open for a peer that answers pings', async () => {
    const { connect } = await aStage({ heartbeatMs: 20 });
    const socket = await connect();

    for (let pings = 0; pings < 5; pings += 1) await once(socket, 'ping');

    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it('the watch socket cuts the connection of a peer that does not answer pings', async () => {
    const { connect, ended } = await aStage({ heartbeatMs: 20 });
    const socket = await connect({ autoPong: false });

    expect(await closeOf(socket)).toBe(1006);
    await expect(ended).resolves.toBeUndefined();
  });

  it('the watch socket closes with 1013 for a stalled peer and reads no further events for it', async () => {
    const { items, connect, served } = await aStage({ stalledMs: 100 });
    const socket = await connect();
    // These items are larger than the buffers of the kernel.
    const count = 500;
    socket.pause();
    for (let sent = 0; sent < count; sent += 1) items.push({ item: 'x'.repeat(200_000) });

    await new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (!isStalled()) return;
        clearInterval(poll);
        resolve();
      }, 20);
    });
    let received = 0;
    socket.on('message', () => {
      received += 1;
    });
    const closed = closeOf(socket);
    socket.resume();

    expect(await closed).toBe(1013);
    expect(received).toBeLessThan(count);

    function isStalled(): boolean {
      return served().some(({ readyState }) => readyState === WebSocket.CLOSING);
    }
  });

  it('the watch socket closes with 1000 when the subscription completes', async () => {
    const { items, connect } = await aStage();
    const socket = await connect();

    await items.return();

    expect(await closeOf(socket)).toBe(1000);
  });

  it('the watch socket closes with 1011 for an internal error and logs it', async () => {
    const fault = new Error('cannot be read');
    const fail = () => {
      throw fault;
    };
    const { items, connect, logged, ended } = await aStage({ fail });
    const socket = await connect();

    items.push({ item: 'One' });

    expect(await closeOf(socket)).toBe(1011);
    expect(logged).toEqual([{ err: fault }]);
    await expect(ended).resolves.toBeUndefined();
  });

  it('the watch socket closes with 1008 when the peer sends a message', async () => {
    const { connect, ended } = await aStage();
    const socket = await connect();

    socket.send('anything');

    expect(await closeOf(socket)).toBe(1008);
    await expect(ended).resolves.toBeUndefined();
  });
});
