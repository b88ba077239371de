import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { createInbox, type InboxError } from '../../packages/client/src/index.ts';
import { useTestApp } from '../support/app.ts';
import { aProxy, type FaultyProxy } from '../support/proxy.ts';
import { aSilentServer, type SilentServer } from './silent-server.ts';
import { aClient, isLive, subjects, type Transport, until } from './stage.ts';

const shortTimeouts = { requestMs: 400, openMs: 400 };
const isWaiting = ({ status }: { readonly status: string }) => status === 'waiting';

describe.each<Transport>(['websocket', 'sse'])('the client on a dead connection over %s', (transport) => {
  const app = useTestApp();
  let proxy: FaultyProxy;
  beforeEach(async () => {
    proxy = await aProxy({ port: Number(new URL(app().url).port) });
  });
  afterEach(() => proxy.close());
  const url = () => `http://127.0.0.1:${proxy.port}/graphql/system`;

  it('the client reconnects when the first page of the inbox does not arrive', async () => {
    const errors: InboxError[] = [];
    proxy.stall();
    const { inbox, write } = await aClient(app(), transport, {
      url: url(),
      timeouts: { requestMs: 400 },
      onError: (error) => errors.push(error),
    });

    await until(inbox, isWaiting);
    await write(['new']);
    proxy.resume();

    expect(subjects(await until(inbox, isLive))).toEqual(['new']);
    expect(errors[0]).toMatchObject({ code: 'NETWORK', message: 'the service did not answer within 400 ms' });
  });

  it('the client reconnects when the stream does not open', async () => {
    const errors: InboxError[] = [];
    const { inbox, write } = await aClient(app(), transport, {
      url: url(),
      timeouts: { openMs: 400 },
      onError: (error) => errors.push(error),
    });
    // The first page of the inbox has arrived, and the request for the stream has not been sent.
    await until(inbox, ({ status }) => status === 'connecting');
    proxy.stall();

    await until(inbox, isWaiting);
    await write(['new']);
    proxy.resume();

    const view = await until(inbox, ({ items }) => items.length === 1);
    expect(view).toMatchObject({ status: 'live', unread: 1, total: 1 });
    expect(errors[0]).toMatchObject({ code: 'NETWORK', message: 'the service did not open the stream within 400 ms' });
  });

  it('the client retries when a token does not arrive', async () => {
    let asked = 0;
    const { inbox, person } = await aClient(app(), transport);
    const held = createInbox({
      url: `${app().url}/graphql/system`,
      // The first call is for the first page of the inbox, the second for the stream.
      token: () => {
        asked += 1;
        return asked < 3 ? new Promise(() => undefined) : person.token;
      },
      transport,
      webSocket: WebSocket,
      timeouts: shortTimeouts,
      backOff: { firstMs: 10, mostMs: 50 },
    });

    await until(held, isLive);
    held.close();
    inbox.close();
    expect(asked).toBeGreaterThan(3);
  });

  it('the client waits without limit when its timeouts are 0 or longer than a timer can run', async () => {
    const errors: InboxError[] = [];
    const timeouts = { requestMs: Number.POSITIVE_INFINITY, openMs: 0, pingMs: 0, silenceMs: 2 ** 40 };
    const { inbox, write } = await aClient(app(), transport, { timeouts, onError: (error) => errors.push(error) });
    await until(inbox, isLive);

    await write(['new']);

    await until(inbox, ({ items }) => items.length === 1);
    expect(errors).toEqual([]);
  });

  it('the client rolls back a change that gets no response', async () => {
    const { inbox } = await aClient(app(), transport, { count: 1, url: url(), timeouts: { requestMs: 400 } });
    const { items } = await until(inbox, isLive);
    proxy.stall();

    const sent = inbox.setRead(items[0]?.id ?? '', true);
    expect(inbox.current().unread).toBe(0);

    await expect(sent).rejects.toMatchObject({ code: 'NETWORK' });
    expect(inbox.current().unread).toBe(1);
  });

  it('the client detects a dead connection by its silence', async () => {
    const timeouts = { ...shortTimeouts, pingMs: 50, pongMs: 100, silenceMs: 500 };
    const { inbox, write } = await aClient(app(), transport, { url: url(), timeouts });
    await until(inbox, isLive);
    proxy.stall();

    await until(inbox, isWaiting);
    await write(['new']);
    proxy.resume();

    expect(subjects(await until(inbox, ({ items }) => items.length === 1))).toEqual(['new']);
  });
});

describe('the client', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('the client waits longer before each retry, however long each attempt took', async () => {
    let late = 0;
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + late);
    const failures: number[] = [];
    const inbox = createInbox({
      url: 'http://127.0.0.1:1/graphql/system',
      token: 'any',
      transport: 'sse',
      fetch: () => {
        late += 20_000;
        return Promise.reject(new Error('nobody answered'));
      },
      backOff: { firstMs: 10, mostMs: 10_000 },
      onError: () => failures.push(performance.now()),
    });

    await until(inbox, () => failures.length === 7);
    inbox.close();

    // At least half of 10, 20, 40, 80, 160 and 320 ms; timers may fire a millisecond early.
    expect((failures[6] ?? 0) - (failures[0] ?? 0)).toBeGreaterThan(315 - 6);
  });

  it('the client retries when a socket opens but is not acknowledged', async () => {
    const server = await aSilentServer({ shakesHands: true });
    const errors: InboxError[] = [];
    const inbox = createInbox({
      url: server.url,
      token: 'any',
      transport: 'websocket',
      webSocket: WebSocket,
      timeouts: { openMs: 400 },
      backOff: { firstMs: 10, mostMs: 50 },
      onError: (error) => errors.push(error),
    });

    await until(inbox, () => errors.length === 2);
    inbox.close();
    await server.close();

    expect(server.streams()).toBe(2);
    expect(errors[1]).toMatchObject({ code: 'NETWORK', message: 'the service did not open the stream within 400 ms' });
  });

  it.each<[string, string, Transport, boolean]>([
    ['closed', 'before the handshake of a socket', 'websocket', false],
    ['closed', 'before a socket is acknowledged', 'websocket', true],
    ['closed', 'before a stream of events begins', 'sse', false],
    ['closed after a timeout', 'before the handshake of a socket', 'websocket', false],
    ['closed after a timeout', 'before a socket is acknowledged', 'websocket', true],
    ['closed after a timeout', 'before a stream of events begins', 'sse', false],
  ])(
    'the process of a client ends without output when the client is %s %s',
    async (how, _when, transport, shakesHands) => {
      const server = await aSilentServer({ shakesHands });

      expect(await endOf(how, server, transport)).toEqual({ code: 0, said: '' });
      expect(server.streams()).toBe(1);
      await server.close();
    },
    90_000,
  );
});

describe.each<Transport>(['websocket', 'sse'])('the client over %s that a listener closes', (transport) => {
  it('a client that a listener has closed opens no stream', async () => {
    const server = await aSilentServer();

    expect(await endOf('closed by a listener', server, transport)).toEqual({ code: 0, said: '' });
    expect(server.streams()).toBe(0);
    await server.close();
  }, 90_000);
});

/**
 * Runs a process that closes its inbox while the stream opens, after a timeout, or in a listener. Returns its exit code
 * and output.
 */
async function endOf(how: string, server: SilentServer, transport: Transport) {
  const program = `
    import { WebSocket } from 'ws';
    import { createInbox } from '${new URL('../../packages/client/src/index.ts', import.meta.url)}';
    const inbox = createInbox({
      url: '${server.url}', token: 'any', transport: '${transport}', webSocket: WebSocket,
      timeouts: { openMs: ${how === 'closed after a timeout' ? 2_000 : 20_000} },
    });
    const last = '${how === 'closed by a listener' ? 'connecting' : 'waiting'}';
    inbox.subscribe(({ status }) => status === last && inbox.close());
    process.stdin.on('end', () => inbox.close()).resume().unref();
  `;
  const child = spawn(
    process.execPath,
    [
      ...['--import', fileURLToPath(new URL('../support/typescript.mjs', import.meta.url))],
      ...['--input-type=module', '--eval', program],
    ],
    { stdio: 'pipe', timeout: 60_000 },
  );
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (text) => {
      said += String(text);
    });
  }
  const closed = once(child, 'close');
  if (how === 'closed') {
    await server.asked;
    child.stdin.end();
  }
  const [code] = await closed;
  return { code, said };
}
