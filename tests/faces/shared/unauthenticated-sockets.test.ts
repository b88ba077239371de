import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { useTestApp } from '../../support/app.ts';

const megabyte = 1024 * 1024;
const protocol = { '/websocket': [], '/graphql': ['graphql-transport-ws'] } as const;
type Path = keyof typeof protocol;
const paths = Object.keys(protocol) as Path[];

const opened: WebSocket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.terminate();
  jest.restoreAllMocks();
});

function dial(url: string, path: Path): WebSocket {
  const socket = new WebSocket(url.replace('http', 'ws') + path, [...protocol[path]]);
  opened.push(socket);
  socket.on('error', () => undefined);
  return socket;
}

async function open(url: string, path: Path): Promise<WebSocket> {
  const socket = dial(url, path);
  await once(socket, 'open');
  return socket;
}

const signIn = (path: Path, token: string) =>
  JSON.stringify(
    path === '/graphql'
      ? { type: 'connection_init', payload: { access_token: token } }
      : { type: 'auth', access_token: token },
  );

const closeCode = async (socket: WebSocket) => (await once(socket, 'close'))[0];

/** Collects the server's connections that it pauses; their bytesRead says how much it has read. */
function pausedSockets(): Set<Socket> {
  const found = new Set<Socket>();
  const pause = WebSocket.prototype.pause;
  jest.spyOn(WebSocket.prototype, 'pause').mockImplementation(function (this: WebSocket) {
    // The client pauses its own sockets too; those are left out.
    const { _socket: connection, _isServer: isServer } = this as unknown as { _socket: Socket; _isServer: boolean };
    if (isServer) found.add(connection);
    return pause.call(this);
  });
  return found;
}

const readOf = (sockets: Iterable<Socket>) => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);

describe.each(paths)('a socket at %s that is not signed in', (path) => {
  const app = useTestApp();

  it('before sign-in, messages of a megabyte are refused without being read into memory', async () => {
    const paused = pausedSockets();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(app().url, path)));
    const codes = sockets.map(closeCode);

    for (const socket of sockets) for (let sent = 0; sent < 10; sent += 1) socket.send('x'.repeat(megabyte));

    await expect(Promise.all(codes)).resolves.toEqual([1009, 1009, 1009, 1009, 1009]);
    expect(paused.size).toBe(5);
    expect(readOf(paused)).toBeLessThan(megabyte);
  });

  it('a long token is accepted before sign-in', async () => {
    const socket = await open(app().url, path);
    socket.send(signIn(path, 'x'.repeat(7000)));

    await expect(closeCode(socket)).resolves.not.toBe(1009);
  });

  it('messages above 8 kB are refused before sign-in, also when they arrive in one read', async () => {
    const socket = await open(app().url, path);
    socket.send(signIn(path, 'x'.repeat(9000)));

    await expect(closeCode(socket)).resolves.toBe(1009);
  });

  it('large messages are accepted after sign-in', async () => {
    const socket = await open(app().url, path);
    socket.send(signIn(path, app().people.alice.token));
    await once(socket, 'message');

    socket.send(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(100_000) } }));
    const [answer] = await once(socket, 'message');

    expect(JSON.parse(String(answer))).toMatchObject({ type: 'pong' });
  });
});

describe.each(paths)('the sockets of one address at %s that are not signed in', (path) => {
  const app = useTestApp({ MAX_ANONYMOUS_SOCKETS_PER_ADDRESS: '2' });

  it('each address may open a limited number of sockets without sign-in; closed and signed-in sockets do not count', async () => {
    const [first] = await Promise.all([open(app().url, path), open(app().url, path)]);
    const [, refusal] = await once(dial(app().url, path), 'unexpected-response');
    expect(refusal.statusCode).toBe(429);

    first?.send(signIn(path, app().people.alice.token));
    if (first) await once(first, 'message');
    const third = await open(app().url, path);
    const [, another] = await once(dial(app().url, path), 'unexpected-response');
    expect(another.statusCode).toBe(429);

    third.close();
    await once(third, 'close');
    await expect(open(app().url, path)).resolves.toBeDefined();
  });
});

describe('a signed-in socket', () => {
  const app = useTestApp();

  it.each(paths)('at %s, a signed-in client that reads nothing is read only up to a limit in bytes', async (path) => {
    const socket = await open(app().url, path);
    socket.send(signIn(path, app().people.alice.token));
    await once(socket, 'message');
    const paused = pausedSockets();

    socket.pause();
    const text = 'x'.repeat(megabyte - 1000);
    const message = path === '/graphql' ? { type: 'ping', payload: { text } } : { type: 'ping', uid: text };
    for (let sent = 0; sent < 40; sent += 1) socket.send(JSON.stringify(message));
    const other = await open(app().url, path);
    other.send(signIn(path, app().people.bob.token));
    await once(other, 'message');

    await expect(until(() => paused.size === 1)).resolves.toBeUndefined();
    // Some of the responses are in the buffers of the kernel.
    expect(readOf(paused)).toBeLessThan(20 * megabyte);
    expect(socket.bufferedAmount).toBeGreaterThan(10 * megabyte);
  });

  it('the total length of the operations open on a socket is limited', async () => {
    const socket = await open(app().url, '/graphql');
    socket.send(signIn('/graphql', app().people.alice.token));
    await once(socket, 'message');
    const query = 'subscription { directus_notifications_mutated { key } }';
    const subscribe = (id: string) =>
      socket.send(
        JSON.stringify({ id, type: 'subscribe', payload: { query, extensions: { text: 'x'.repeat(600_000) } } }),
      );

    subscribe('1');
    subscribe('2');
    const [answer] = await once(socket, 'message');

    expect(JSON.parse(String(answer))).toMatchObject({ id: '2', type: 'error' });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
