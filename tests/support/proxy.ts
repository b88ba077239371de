import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A proxy between a client and a server that can fail like a network. */
export interface FaultyProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Destroys every connection. */
  cut(): void;
  /** Stops passing data in both directions without closing; new connections are accepted and stall too. */
  stall(): void;
  /** Passes the held data and continues. */
  resume(): void;
  /** New connections go to the server at this port. */
  retarget(port: number): void;
  /** Resolves when the number of open connections satisfies the condition. */
  until(connections: (count: number) => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly host?: string;
  readonly port: number;
  /** The port to listen on; default: any free port. */
  readonly listenPort?: number;
  /** Only connections whose first bytes contain this text are counted and fail; default: all. */
  readonly marked?: string;
}

/** The URL of a PostgreSQL server through this proxy: by TCP, also if the server has a Unix socket. */
export function throughProxy(url: string, { port }: Pick<FaultyProxy, 'port'>): string {
  const address = new URL(url);
  address.searchParams.delete('host');
  address.host = `127.0.0.1:${port}`;
  return address.href;
}

/** A proxy on a loopback port to the server at `port`. */
export async function aProxy({ host = '127.0.0.1', port, listenPort = 0, marked }: ProxyOptions): Promise<FaultyProxy> {
  const pairs = new Map<Socket, Socket>();
  const open = new Set<Socket>();
  const observers = new Set<() => void>();
  let target = port;
  let isStalled = false;
  const changed = () => {
    for (const observe of [...observers]) observe();
  };
  const server = createServer((near) => {
    const far = connect({ host, port: target });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.on('data', (chunk) => to.write(chunk));
      from.on('close', () => {
        open.delete(from);
        to.destroy();
        pairs.delete(near);
        changed();
      });
    }
    if (marked === undefined) addPair(near, far);
    else near.once('data', (chunk) => chunk.includes(marked) && addPair(near, far));
  }).listen(listenPort, '127.0.0.1');
  function addPair(near: Socket, far: Socket): void {
    pairs.set(near, far);
    if (isStalled) for (const socket of [near, far]) socket.pause();
    changed();
  }
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const all = () => [...pairs].flat();

  const proxy: FaultyProxy = {
    port: address.port,
    get connections() {
      return pairs.size;
    },
    cut() {
      for (const socket of all()) socket.destroy();
    },
    stall() {
      isStalled = true;
      for (const socket of all()) socket.pause();
    },
    resume() {
      isStalled = false;
      for (const socket of all()) socket.resume();
    },
    retarget(next) {
      target = next;
    },
    until: (check) =>
      new Promise((resolve) => {
        const observe = () => {
          if (!check(pairs.size)) return;
          observers.delete(observe);
          resolve();
        };
        observers.add(observe);
        observe();
      }),
    async close() {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
  return proxy;
}
