import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthClient } from '../../auth/sessions/auth-requests.ts';
import type { Config } from '../../config.ts';
import { isForgeable } from './browser-origin.ts';

/** The client of an HTTP request, for signing in and out. Cookies are added to the reply. */
export function authClientOf(request: FastifyRequest, reply: FastifyReply, config: Config): AuthClient {
  const { ip, headers, method, protocol } = request;
  const left = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  return {
    address: ip,
    userAgent: headers['user-agent'],
    signal: left.signal,
    cookies: {
      sent: headers.cookie,
      isForgeable: isForgeable({ method, headers }, config),
      isSecure: protocol === 'https',
      set: (cookie) => void reply.header('set-cookie', cookie),
    },
  };
}
