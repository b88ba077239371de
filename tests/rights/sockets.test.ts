import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { askGraphQLSocket, askRealtime, askWatch } from './ask-socket.ts';
import { type Caller, callerNames, createWorld, type Outcome, viewerOf, type World } from './callers.ts';
import { expectedOf, isAllowed, type Row, row, signedIn, subjectOf } from './row.ts';

const inbox = 'member reader operator admin +inbox +admin';
const events = ['notifications.read_own', 'notifications.read_all'] as const;

const over = (path: string, query: string) => (world: World, caller: Caller) =>
  askGraphQLSocket(world, caller, { path, query });
const connect = '{ __typename }';
const changes = 'subscription { inbox_changes { kind } }';
const mutated = 'subscription { directus_notifications_mutated { key } }';
const subscription = { type: 'subscribe', collection: 'directus_notifications' };

/** Every socket, by its path. `request` is the outcome. */
const rows: Readonly<Record<string, Row<Outcome>>> = {
  '/graphql/system (connect)': row('public', signedIn, over('/graphql/system', connect)),
  '/graphql/system (inbox_changes)': row('notifications.read_own', inbox, over('/graphql/system', changes)),
  '/graphql/system (directus_notifications_mutated)': row(events, inbox, over('/graphql/system', mutated)),
  '/graphql (connect)': row('public', signedIn, over('/graphql', connect)),
  '/graphql (inbox_changes)': row('notifications.read_own', inbox, over('/graphql', changes)),
  '/websocket (connect)': row('public', signedIn, (world, caller) => askRealtime(world, caller)),
  '/websocket (subscribe)': row(events, inbox, (world, caller) => askRealtime(world, caller, subscription)),
  '/api/v2/notifications/inbox/watch': row('notifications.read_own', inbox, askWatch),
};

let paths: readonly string[] = [];
const collect = (message: unknown) => {
  const { fastify } = message as { readonly fastify: FastifyInstance };
  fastify.addHook('onReady', async () => {
    paths = fastify.socketPaths;
  });
};

describe('the rights of sockets', () => {
  let world: World;
  beforeAll(async () => {
    subscribe('fastify.initialization', collect);
    world = await createWorld();
    unsubscribe('fastify.initialization', collect);
  }, 120_000);
  afterAll(() => world?.stop());

  it('every socket has a row: to add one, describe it above', () => {
    expect([...new Set(Object.keys(rows).map(subjectOf))].sort()).toEqual([...paths].sort());
  });

  it.each(Object.entries(rows))(
    '%s: callers are answered as its row and the matrix say',
    async (_key, given) => {
      const { action, request } = given;
      const observed: Record<string, Outcome> = {};
      for (const caller of world.callers) observed[caller.name] = await request(world, caller);

      expect(observed).toEqual(expectedOf(callerNames, given));
      if (action === 'public') return;
      const allowed = callerNames.filter((name) => isAllowed(viewerOf(name), action));
      expect(callerNames.filter((name) => observed[name] === 'allowed')).toEqual(allowed);
    },
    60_000,
  );
});
