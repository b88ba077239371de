import type { FastifyInstance } from 'fastify';
import type { ErrorDialect } from '../shared/face.ts';
import type { OpenApiDocument } from '../shared/openapi.ts';
import type { Services } from '../shared/services.ts';
import { answerPageErrors } from './answer-errors.ts';
import { registerElements } from './elements.ts';
import { registerInboxApp } from './inbox-app.ts';
import { registerOidc } from './oidc.ts';
import { registerResetPassword } from './reset-password.ts';
import { registerStartPages } from './start-pages.ts';
import { registerUnsubscribe } from './unsubscribe.ts';

interface PageOptions {
  /** Called on first use, when all routes are registered. */
  readonly openapi: () => OpenApiDocument;
  /** Answers the errors that pages do not answer themselves. */
  readonly handleError: ErrorDialect['handleError'];
}

/** Registers the pages for people. */
export async function registerPages(
  app: FastifyInstance,
  services: Services,
  { openapi, handleError }: PageOptions,
): Promise<void> {
  const { config } = services;
  await app.register(async (scope) => {
    answerPageErrors(scope, handleError);
    registerStartPages(scope, config, openapi);
    registerElements(scope);
    if (config.servesPages) registerInboxApp(scope, config);
    registerUnsubscribe(scope, services);
    registerOidc(scope, services);
    registerResetPassword(scope, services);
  });
}
