import { lookup } from 'node:dns/promises';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { StartError } from './start-error.ts';

/** How the operator can fix each error of listening. Any other error is a bug. */
const faults: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (_host, port) => `port ${port} is in use; set PORT`,
  EACCES: (_host, port) => `the user of the service may not listen on port ${port}; set PORT to one above 1023`,
  EADDRNOTAVAIL: (host) => `this machine does not have the address ${host}; set HOST to one of its own, or to 0.0.0.0`,
  ENOTFOUND: (host) => `there is no host named ${host}; set HOST to an address of this machine`,
  EAI_AGAIN: (host) => `the name ${host} cannot be looked up; set HOST to an address of this machine`,
  EINVAL: (host) => `the service cannot listen on the address ${host}; set HOST to an address of this machine`,
};

/** Starts listening on one address. @throws StartError when the port is not available. */
export async function listen(http: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  try {
    // For `localhost` Fastify would start a server for each address, and only the first could be drained.
    await http.listen({ host: host === 'localhost' ? (await lookup(host)).address : host, port });
  } catch (error) {
    const fault = faults[(error as NodeJS.ErrnoException).code ?? ''];
    throw fault === undefined ? error : new StartError(`${fault(host, port)}.`, { cause: error });
  }
}

/** The URL of a listening server, such as `http://127.0.0.1:8055`. */
export function addressOf(http: FastifyInstance): string {
  const address = http.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
