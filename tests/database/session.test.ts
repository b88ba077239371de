import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, it, jest } from '@jest/globals';
import { openSession } from '../../src/database/session.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const step of cleanUps.splice(0)) step();
});

it('a connection closed by the server before it is open is not reported as a lost session', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanUps.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const onLost = jest.fn();

  const opening = openSession({
    url: `postgresql://nobody@127.0.0.1:${port}/none`,
    name: 'test',
    timeoutMs: 5000,
    onLost,
  });

  await expect(opening).rejects.toThrow();
  expect(onLost).not.toHaveBeenCalled();
});
