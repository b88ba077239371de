import type { ErrorDialect, RegisterFace } from '../shared/face.ts';
import { identifyRequests } from '../shared/identify.ts';
import { registerAuth } from './auth-routes.ts';
import { registerBodyParsers } from './body.ts';
import { describeCollection, registerCollection } from './collection-routes.ts';
import { createNotFoundHandler, errorReply, handleError } from './errors.ts';
import { registerExportUser } from './export-user-route.ts';
import { registerOwnUser } from './own-user-routes.ts';
import { createRealtime } from './realtime/realtime.ts';
import { registerServerRoutes } from './server-routes.ts';
import { registerUpsertUsers } from './upsert-users-route.ts';

export const directusErrors: ErrorDialect = { handleError, refusalOf: errorReply };

/**
 * The notifications API of Directus: its REST routes, the response to unknown paths, and its realtime socket. The
 * server parses query strings with `parseQueryString` and ignores trailing slashes.
 */
export const registerDirectus: RegisterFace = async (app, services) => {
  const { config } = services;
  await app.register(async (scope) => {
    scope.setNotFoundHandler(createNotFoundHandler(config.publicUrl));
    identifyRequests(scope, services);
    // A scope of its own, so that these body parsers apply to its routes only; unknown paths use the server's parsers.
    await scope.register(async (inner) => {
      if (!inner.supportedMethods.includes('SEARCH')) inner.addHttpMethod('SEARCH', { hasBody: true });
      registerBodyParsers(inner, { bodyLimit: config.limits.payloadBytes });
      inner.setErrorHandler(handleError);
      registerCollection(inner, '/notifications', describeCollection('notifications', 'Notifications', services));
      const users = describeCollection('users', 'Users', services);
      registerOwnUser(inner, '/users/me', users);
      registerCollection(inner, '/users', users, 'PUT');
      registerUpsertUsers(inner, '/users', users);
      registerExportUser(inner, '/users/:id/export', services);
      registerServerRoutes(inner, services);
    });
  });
  // Outside the scope that identifies: a token that is no longer valid must not prevent signing in.
  await app.register(async (scope) => {
    registerBodyParsers(scope, { bodyLimit: config.limits.payloadBytes });
    scope.setErrorHandler(handleError);
    registerAuth(scope, services);
  });
  const { realtime } = config;
  return { sockets: new Map(realtime && [[realtime.path, createRealtime(services, realtime)]]) };
};
