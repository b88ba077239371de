import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** A service that returns an empty page, and accepts streams without sending anything. */
export interface SilentServer {
  readonly url: string;
  /** Number of streams requested. */
  streams(): number;
  /** Resolves when a stream is requested. */
  readonly asked: Promise<unknown>;
  close(): Promise<void>;
}

/** @param options `shakesHands`: sockets open, but nothing is sent over them. */
export async function aSilentServer({ shakesHands = false } = {}): Promise<SilentServer> {
  const sockets = new WebSocketServer({ noServer: true });
  const upgrades = new Set<Duplex>();
  const asked = new EventEmitter();
  const first = once(asked, 'stream');
  let streams = 0;
  const server = createServer((request, response) => {
    if (request.headers.accept === 'text/event-stream') {
      streams += 1;
      asked.emit('stream');
      return;
    }
    const inbox = { notifications: [], unread_count: 0, total_count: 0, cursor: 'any' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: { inbox } }));
  });
  server.on('upgrade', (request, socket, head) => {
    streams += 1;
    asked.emit('stream');
    upgrades.add(socket.on('error', () => undefined));
    if (shakesHands) sockets.handleUpgrade(request, socket, head, () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}/graphql/system`,
    streams: () => streams,
    asked: first,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of upgrades) socket.destroy();
      await closed;
    },
  };
}
