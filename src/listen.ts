import { lookup } from 'node:dns/promises';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { StartError } from './start-error.ts';

/** Why a server cannot listen, as the end of a sentence. */
const faults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'that is not allowed',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no host of that name',
};

/** Starts listening on one address. @throws StartError when the port is not available. */
export async function listen(http: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  try {
    // For `localhost` Fastify would start a server for each address, and only the first could be drained.
    await http.listen({ host: host === 'localhost' ? (await lookup(host)).address : host, port });
  } catch (error) {
    const reason = faults[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new StartError(`HOST, PORT: the service cannot listen on port ${port} of ${host}: ${reason}.`, {
      cause: error,
    });
  }
}

/** The URL of a listening server, such as `http://127.0.0.1:8055`. */
export function addressOf(http: FastifyInstance): string {
  const address = http.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
