import type { ErrorDialect, RegisterFace } from '../shared/face.ts';
import { createRateLimit } from './rate-limit.ts';
import { handleError, refusalOf } from './reply.ts';
import { registerRoutes } from './routes.ts';
import { createWatchPlanner, watchPath } from './watch.ts';
import { coderWatch } from './watch-socket.ts';

/** The path prefix of Coder's API. */
const prefix = '/api/v2';

/** Whether a URL, with or without a query string, is below the prefix. */
export function isCoderAddress(address: string): boolean {
  return /^\/api\/v2(?=[/?]|$)/.test(address);
}

export const coderErrors: ErrorDialect = { handleError, refusalOf };

/** The notifications API of Coder: its REST routes and its watch socket. Both require a session. */
export const registerCoder: RegisterFace = async (app, services) => {
  const { config, countRefusal } = services;
  const limit = createRateLimit(config.rateLimits.coderPerMinute, countRefusal);
  const plan = createWatchPlanner(services, limit);
  await app.register(async (scope) => registerRoutes(scope, { services, plan, limit }), { prefix });
  const watch = coderWatch({ ...services, plan, maxPayloadBytes: config.limits.payloadBytes });
  return { sockets: new Map([[prefix + watchPath, watch]]) };
};
