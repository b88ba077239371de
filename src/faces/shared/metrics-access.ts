import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { may } from '../../auth/rights.ts';
import type { Authenticate } from '../../auth/token-guard.ts';
import { bearerToken } from '../../auth/tokens.ts';
import { forbidden } from '../../errors.ts';

export interface MetricsAccess {
  /** The token for `/metrics`; undefined: requests from this machine need none. */
  readonly token: string | undefined;
  readonly authenticate: Authenticate;
}

/** Headers that a local proxy adds: with one of them the request is not from this machine. */
const forwarding = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Allows requests with the metrics token and requests of admins; while no token is configured, also requests from this
 * machine.
 * @throws ServiceError FORBIDDEN; INVALID_CREDENTIALS for a wrong token.
 */
export async function assertMayReadMetrics(
  request: FastifyRequest,
  { token, authenticate }: MetricsAccess,
): Promise<void> {
  const given = bearerToken(request.headers, request.query);
  if (given === undefined) {
    if (token !== undefined || !isLocal(request)) throw forbidden();
    return;
  }
  if (token !== undefined && isSame(given, token)) return;
  if (!may(await authenticate(given, request.ip), 'metrics.read')) throw forbidden();
}

function isLocal({ ip, headers }: FastifyRequest): boolean {
  if (!ipaddr.isValid(ip) || ipaddr.process(ip).range() !== 'loopback') return false;
  return forwarding.every((name) => headers[name] === undefined);
}

/** Compares in constant time. */
function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
