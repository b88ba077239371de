import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { inBatches } from '../../../../src/faces/directus/realtime/batches.ts';
import { createSendQueue, type SendQueue } from '../../../../src/faces/directus/realtime/send-queue.ts';
import { createUnsent } from '../../../../src/faces/shared/unsent.ts';
import { createBoundedQueue } from '../../../../src/live/events/bounded-queue.ts';

const unsent = createUnsent(Number.POSITIVE_INFINITY);
const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

/** Both ends of one socket. */
async function aPair(options: ClientOptions & { readonly maxQueued?: number } = {}) {
  const { maxQueued, ...clientOptions } = options;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const peer = new WebSocket(`ws://127.0.0.1:${address.port}`, clientOptions);
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(peer, 'open')])) as [[WebSocket], unknown];
  return {
    sendQueue: createSendQueue(socket, {
      ...(maxQueued !== undefined && { maxQueued }),
      unsent,
      ownerOf: () => 'somebody',
    }),
    peer,
  };
}

function pushMany(sendQueue: SendQueue, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  for (const number of numbers) sendQueue.push({ number });
  return numbers;
}

/** Resolves with the numbers of the first `count` messages. */
async function readMany(peer: WebSocket, count: number): Promise<number[]> {
  const read: number[] = [];
  return new Promise((resolve) => {
    peer.on('message', (message) => {
      read.push(JSON.parse(String(message)).number);
      if (read.length === count) resolve(read);
    });
  });
}

describe('the send queue of a peer', () => {
  it('the send queue sends one message at a time, even if the peer is slow to process each of them', async () => {
    const { sendQueue, peer } = await aPair();
    const numbers = pushMany(sendQueue, 100);

    const read: number[] = [];
    while (read.length < numbers.length) {
      // A message that arrives while no listener is set would be lost.
      const [message] = await once(peer, 'message');
      read.push(JSON.parse(String(message)).number);
      const until = performance.now() + 3;
      while (performance.now() < until);
    }

    expect(read).toEqual(numbers);
  });

  it('the send queue sends messages in order to a peer that answers no pings', async () => {
    const { sendQueue, peer } = await aPair({ autoPong: false });
    const read = readMany(peer, 5);

    const numbers = pushMany(sendQueue, 5);

    await expect(read).resolves.toEqual(numbers);
  });

  it('waitForRoom does not resolve while the queue is long', async () => {
    const { sendQueue, peer } = await aPair({ maxQueued: 100 });
    const read = readMany(peer, 50);
    pushMany(sendQueue, 50);
    let hasRoom = false;

    const room = sendQueue.waitForRoom().then(() => {
      hasRoom = true;
    });
    await new Promise(setImmediate);
    const hadRoom = hasRoom;
    await room;

    expect(hadRoom).toBe(false);
    await read;
  });

  it('waitForRoom resolves when the peer disconnects', async () => {
    const { sendQueue, peer } = await aPair({ maxQueued: 100 });
    pushMany(sendQueue, 50);

    peer.terminate();

    await expect(sendQueue.waitForRoom()).resolves.toBeUndefined();
  });

  it('finish sends queued messages before it closes the socket', async () => {
    const { sendQueue, peer } = await aPair();
    const read = readMany(peer, 20);
    const numbers = pushMany(sendQueue, 20);

    sendQueue.finish();
    sendQueue.push({ number: 'too late' });
    const [code] = await once(peer, 'close');

    await expect(read).resolves.toEqual(numbers);
    expect(code).toBe(1005);
  });
});

describe('batches', () => {
  const aQueue = () =>
    createBoundedQueue<number>({ bound: 100, overflow: () => new Error('too many'), onEnd: () => undefined });
  /** Even and odd numbers do not fit into one batch. */
  const alike = (first: number) => (next: number) => first % 2 === next % 2;

  it('a batch holds the next ready items that are alike', async () => {
    const queue = aQueue();
    for (const number of [1, 3, 2, 4, 6, 5]) queue.push(number);

    const batches = inBatches(queue, alike);

    expect([await batches.next(), await batches.next(), await batches.next()].map(({ value }) => value)).toEqual([
      [1, 3],
      [2, 4, 6],
      [5],
    ]);
  });

  it('a batch waits only for its first item', async () => {
    const queue = aQueue();
    const batches = inBatches(queue, alike);
    const first = batches.next();
    queue.push(1);
    await expect(first).resolves.toEqual({ done: false, value: [1] });

    const second = batches.next();
    queue.push(3);

    await expect(second).resolves.toEqual({ done: false, value: [3] });
  });

  it('yields a batch before the error or the end that follows it', async () => {
    const [failing, ending] = [aQueue(), aQueue()];
    failing.push(1);
    ending.push(1);
    failing.fail(new Error('broken'));

    const [broken, ended] = [inBatches(failing, alike), inBatches(ending, alike)];
    const first = [await broken.next(), await ended.next()];
    await ending.return();

    expect(first.map(({ value }) => value)).toEqual([[1], [1]]);
    await expect(broken.next()).rejects.toThrow('broken');
    await expect(ended.next()).resolves.toMatchObject({ done: true });
  });
});
