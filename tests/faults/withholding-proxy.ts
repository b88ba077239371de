import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterwards } from './afterwards.ts';

/** A proxy to a PostgreSQL server that can keep back what the server answers to a COMMIT. */
export interface WithholdingProxy {
  readonly port: number;
  /** From now on nothing that follows a COMMIT reaches the client on the connection that sent it. */
  withhold(): void;
}

/** A proxy on a free loopback port to the server at `port`; it closes after the test. */
export async function aWithholdingProxy(port: number): Promise<WithholdingProxy> {
  const open = new Set<Socket>();
  let isWithholding = false;
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port });
    let isWithheld = false;
    near.on('data', (chunk) => {
      if (isWithholding && chunk.includes('COMMIT')) isWithheld = true;
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (!isWithheld) near.write(chunk);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    port: address.port,
    withhold() {
      isWithholding = true;
    },
  };
}
