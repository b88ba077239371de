import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

/** Routes that `/openapi.json` leaves out on purpose, and why. */
const undocumented: Readonly<Record<string, string>> = {
  'GET /': 'a page for people',
  'GET /docs': 'a page for people',
  'GET /openapi.json': 'the document itself',
  'GET /icon.svg': 'a picture of the pages',
  'GET /favicon.ico': 'a picture of the pages',
  'GET /graphql/system': 'GraphQL, which schema.graphql describes',
  'POST /graphql/system': 'GraphQL, which schema.graphql describes',
  'GET /graphql/system/graphiql/:file': 'a file of GraphiQL',
  'GET /elements/:file': 'a file of the web components',
  'GET /inbox': 'a page for people',
  'GET /inbox/:id': 'a page for people',
  'GET /preferences': 'a page for people',
  'GET /pages/:file': 'a file of these pages',
  'GET /manifest.webmanifest': 'what browsers need to install the inbox',
  'GET /service-worker.js': 'what keeps the pages for when there is no network',
  'GET /unsubscribe/:token': 'the link in e-mails, which nobody writes by hand',
  'GET /reset-password': 'the link in e-mails, which nobody writes by hand',
  'POST /reset-password': 'the form of that page',
  'GET /auth/login/oidc': 'a browser opens it',
  'GET /auth/login/oidc/callback': 'the identity provider sends browsers to it',
  'POST /unsubscribe/:token': 'what mail programs send to that link (RFC 8058)',
};
/** Paths at which every request is refused, and why they are routes. */
const refused: Readonly<Record<string, string>> = {
  '/items/:collection': 'Directus keeps the tables of its users there, and here are none',
  '/items/:collection/*': 'Directus keeps the tables of its users there, and here are none',
};
/** Methods that need no description: their answers follow from the other methods of a path. */
const derived: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

const registered: string[] = [];
let app: TestApp;

// Fastify announces each server before it has routes.
const watchRoutes = (message: unknown) => {
  const { fastify } = message as { readonly fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) if (!derived.has(each)) registered.push(`${each} ${url}`);
  });
};
beforeAll(async () => {
  subscribe('fastify.initialization', watchRoutes);
  app = await startTestApp();
});
afterAll(async () => {
  unsubscribe('fastify.initialization', watchRoutes);
  await app.stop();
});

it('every route is in the OpenAPI document, or in the list of those that are not, with a reason', async () => {
  const { body } = await send(app, '/openapi.json');
  const documented = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, item]) =>
    [...Object.keys(item), ...Object.keys((item['x-additionalOperations'] ?? {}) as object)].map(
      (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  const known = new Set([...documented, ...Object.keys(undocumented)]);
  const paths = new Set([...known].map((route) => route.split(' ')[1] ?? ''));
  const others = registered.filter((route) => !known.has(route) && !Object.hasOwn(refused, route.split(' ')[1] ?? ''));

  expect(registered.length).toBeGreaterThan(40);
  expect(others.filter((route) => !paths.has(route.split(' ')[1] ?? ''))).toEqual([]);
  expect(Object.keys(undocumented).filter((route) => !registered.includes(route))).toEqual([]);
  // Other methods of a known path may have a route only to refuse them.
  for (const route of others) {
    const [method = '', path = ''] = route.split(' ');
    const { status } = await send(app, path.replace(/:\w+/g, 'x'), { method, as: app.people.admin });
    expect([route, status]).toEqual([route, 405]);
  }
});
