import { randomInt } from 'node:crypto';
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

/**
 * A free port below the range from which the system chooses ports by itself, so that it stays free unless somebody asks
 * for this port.
 */
export async function aReservedPort(): Promise<number> {
  const wanted = 10_000 + randomInt(20_000);
  try {
    const { port, close } = await listening(createServer(), wanted);
    await close();
    return port;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return aReservedPort();
    throw error;
  }
}

async function listening(server: Server, wanted = 0): Promise<Port> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(wanted, '127.0.0.1');
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
