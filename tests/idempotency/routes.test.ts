import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { startTestApp, type TestApp } from '../support/app.ts';
import { send } from '../support/client.ts';

/** The routes with methods that write, as `METHOD /path`. */
const routes = new Set<string>();

const collect = (message: unknown) => {
  const { fastify } = message as { readonly fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    // A list of methods answers that a path does not have them.
    if (typeof method === 'string' && /^(POST|PUT|PATCH|DELETE)$/.test(method)) routes.add(`${method} ${url}`);
  });
};

/** The routes that take no key, and why. GraphQL has tests of its own. */
const exempt: Readonly<Record<string, string>> = {
  'POST /auth/login': 'its callers are not signed in',
  'POST /auth/refresh': 'its callers are not signed in',
  'POST /auth/logout': 'its callers are not signed in',
  'POST /auth/password/request': 'its callers are not signed in',
  'POST /auth/password/reset': 'its callers are not signed in',
  'POST /reset-password': 'its callers are not signed in',
  'POST /unsubscribe/:token': 'its callers are not signed in',
  'POST /api/v2/users/:user/webpush/subscription': 'it always answers 404',
  'DELETE /api/v2/users/:user/webpush/subscription': 'it always answers 404',
  'POST /api/v2/users/:user/webpush/test': 'it always answers 404',
};

describe('the routes that write', () => {
  let app: TestApp;
  beforeAll(async () => {
    subscribe('fastify.initialization', collect);
    app = await startTestApp();
    unsubscribe('fastify.initialization', collect);
  }, 120_000);
  afterAll(() => app?.stop());

  it('each takes an idempotency key: a malformed one is refused, and the error names the header', async () => {
    const accepting = [...routes].filter((route) => !(route in exempt));
    const refused: string[] = [];

    for (const route of accepting) {
      const [method = '', path = ''] = route.split(' ');
      const reply = await send(app, path.replace(/:\w+/g, app.people.alice.id), {
        as: app.people.admin,
        method,
        body: {},
        headers: { 'idempotency-key': 'a, b' },
      });
      const isNamed = JSON.stringify(reply.body).includes('\\"Idempotency-Key\\" must be');
      if (reply.status === 400 && isNamed) refused.push(route);
    }

    expect(refused).toEqual(accepting);
    expect(accepting.length).toBeGreaterThan(18);
  });

  it('the routes that take none exist', () => {
    expect(Object.keys(exempt).filter((route) => !routes.has(route))).toEqual([]);
  });

  it('the API reference describes the header of each route that takes it', async () => {
    const { body } = await send(app, '/openapi.json');
    const described = Object.entries<Record<string, { parameters?: { name: string }[] }>>(body.paths).flatMap(
      ([path, operations]) =>
        Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
          parameters.some(({ name }) => name === 'Idempotency-Key') ? [`${method.toUpperCase()} ${path}`] : [],
        ),
    );
    const accepting = [...routes].filter((route) => !(route in exempt));

    expect(described.sort()).toEqual(accepting.map((route) => route.replace(/:(\w+)/g, '{$1}')).sort());
  });
});
