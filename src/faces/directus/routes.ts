import type { FastifyInstance } from 'fastify';
import { registerBodyParsers } from './body.ts';
import { registerCollection } from './collection-routes.ts';
import { type DirectusOptions, describeDesk } from './desk.ts';
import { handleError } from './errors.ts';
import { registerOwnUser } from './own-user-routes.ts';
import { registerServerRoutes } from './server-routes.ts';

export { answerClientError, errorReply, handleError, handleNotFound } from './errors.ts';
export { parseQueryString } from './query.ts';

/**
 * A Fastify plugin with every REST route of the Directus dialect, its own body parsers and error handler.
 * The server sets `request.viewer` before, parses query strings with `parseQueryString`, ignores trailing slashes and
 * answers unknown routes with `handleNotFound`.
 */
export async function registerDirectus(app: FastifyInstance, options: DirectusOptions): Promise<void> {
  if (!app.supportedMethods.includes('SEARCH')) app.addHttpMethod('SEARCH', { hasBody: true });
  registerBodyParsers(app, { bodyLimit: options.limits.payloadBytes });
  app.setErrorHandler(handleError);
  registerCollection(app, '/notifications', describeDesk('notifications', options));
  const users = describeDesk('users', options);
  registerOwnUser(app, '/users/me', users);
  registerCollection(app, '/users', users);
  registerServerRoutes(app, options);
}
