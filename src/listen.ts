import { lookup } from 'node:dns/promises';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { StartError } from './start-error.ts';

/** Why a server does not listen, as the end of a sentence. */
const faults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'that is not allowed',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no host of that name',
};

/** Lets the server listen on one address. @throws StartError when it cannot have the port. */
export async function listen(http: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  try {
    // Of this name Fastify would make a server for each address, of which only the first is ours to drain.
    await http.listen({ host: host === 'localhost' ? (await lookup(host)).address : host, port });
  } catch (error) {
    const reason = faults[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new StartError(`HOST, PORT: the service cannot listen on port ${port} of ${host}: ${reason}.`, {
      cause: error,
    });
  }
}

/** Where a listening server answers, such as `http://127.0.0.1:8055`. */
export function addressOf(http: FastifyInstance): string {
  const address = http.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
