import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { askRest, callerNames, createWorld, viewerOf, type World } from './callers.ts';
import { routeRows } from './route-rows.ts';
import { expectedOf, isAllowed, subjectOf } from './row.ts';

/** All routes of the server, as `METHOD /path`; HEAD is as GET. */
const routes = new Set<string>();

const collect = (message: unknown) => {
  const { fastify } = message as { readonly fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    // A list of methods answers that a path does not have them.
    if (typeof method === 'string' && method !== 'HEAD') routes.add(`${method} ${url}`);
  });
};

describe('the rights of routes', () => {
  let world: World;
  beforeAll(async () => {
    subscribe('fastify.initialization', collect);
    world = await createWorld();
    unsubscribe('fastify.initialization', collect);
    for (const method of ['GET', 'POST']) routes.add(`${method} /graphql/system`);
  }, 120_000);
  afterAll(() => world?.stop());

  it('every route has a row: to add one, describe it in route-rows.ts', () => {
    expect([...new Set(Object.keys(routeRows).map(subjectOf))].sort()).toEqual([...routes].sort());
  });

  it.each(Object.entries(routeRows))('%s: callers are answered as its row and the matrix say', async (key, row) => {
    const { action, request } = row;
    const [method = ''] = key.split(' ');
    const observed: Record<string, string> = {};
    for (const caller of world.callers) {
      observed[caller.name] = await askRest(world, caller, { method, ...(await request(world, caller)) });
    }

    expect(observed).toEqual(expectedOf(callerNames, row));
    if (action === 'public') return;
    const allowed = callerNames.filter((name) => isAllowed(viewerOf(name), action));
    expect(callerNames.filter((name) => observed[name] === 'allowed')).toEqual(allowed);
  });
});
