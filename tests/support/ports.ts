import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A TCP server on a free port of the loopback address. */
export interface Port {
  readonly port: number;
  close(): Promise<void>;
}

/** A server that accepts connections and sends nothing. */
export function aSilentPort(): Promise<Port> {
  return listening(createServer((socket) => void socket.on('error', () => undefined)));
}

/** A port that is free at this moment. */
export async function aFreePort(): Promise<number> {
  const { port, close } = await listening(createServer());
  await close();
  return port;
}

async function listening(server: Server): Promise<Port> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
