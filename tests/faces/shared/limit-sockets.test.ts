import { afterEach, describe, expect, it } from '@jest/globals';
import { type Client, createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { type Person, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { closeClients, connectRealtime } from '../../support/realtime-client.ts';

/** Twenty seconds pass until a point is there again. */
const app = useTestApp({ USER_RATE_LIMIT: '3', ANONYMOUS_RATE_LIMIT: '0' });

const clients: Client[] = [];
afterEach(async () => {
  closeClients();
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
});

/** A socket of `graphql-transport-ws`. `ask` returns the result of an operation, or its errors. */
function aGraphqlSocket({ token }: Person) {
  let connections = 0;
  const client = createClient({
    url: `${app().url.replace('http', 'ws')}/graphql/system`,
    webSocketImpl: WebSocket,
    connectionParams: { access_token: token },
    lazy: false,
    on: {
      connected() {
        connections += 1;
      },
    },
  });
  clients.push(client);
  return {
    connections: () => connections,
    async ask(query: string): Promise<unknown> {
      try {
        return (await client.iterate({ query }).next()).value;
      } catch (errors) {
        return { errors };
      }
    },
  };
}

const exceeded = expect.objectContaining({
  extensions: expect.objectContaining({ code: 'REQUESTS_EXCEEDED', limit: 3 }),
});

describe('operations on sockets', () => {
  it('operations on a socket count for its user like requests, and the socket stays open', async () => {
    const { alice } = app().people;
    const { ask, connections } = aGraphqlSocket(alice);
    const allowed = [await ask('{ __typename }'), await ask('{ __typename }')];
    await send(app(), '/notifications?limit=1', { as: alice });

    const refused = [await ask('{ __typename }'), await ask('subscription { inbox_changes { kind } }')];

    expect(allowed).toEqual(Array(2).fill({ data: { __typename: 'Query' } }));
    expect(refused).toEqual(Array(2).fill({ errors: [exceeded] }));
    expect(connections()).toBe(1);
    expect(await send(app(), '/notifications?limit=1', { as: alice })).toMatchObject({ status: 429 });
  });

  it('an operation on a socket costs its price', async () => {
    const { admin } = app().people;
    const { ask } = aGraphqlSocket(admin);

    const first = await ask('{ notifications(limit: 1500) { id subject } }');
    const second = await ask('{ __typename }');

    expect(first).toEqual({ data: { notifications: [] } });
    expect(second).toEqual({ errors: [exceeded] });
  });

  it('messages of the Directus socket count for its user', async () => {
    const { bob } = app().people;
    const socket = await connectRealtime(`${app().url}/websocket?access_token=${bob.token}`);
    const subscribe = (uid: string) =>
      socket.ask({ type: 'subscribe', collection: 'directus_notifications', uid, query: { limit: 1 } });

    const answers = [];
    for (const uid of ['a', 'b', 'c', 'd']) answers.push(await subscribe(uid));

    expect(answers.map(({ type }) => type)).toEqual(['subscription', 'subscription', 'subscription', 'server']);
    expect(answers[3]).toEqual({
      type: 'server',
      status: 'error',
      uid: 'd',
      error: { code: 'REQUESTS_EXCEEDED', message: 'Too many requests: more than 3 points in 60 seconds.' },
    });
    expect(await socket.ask({ type: 'unsubscribe', uid: 'a' })).toMatchObject({ type: 'server' });
    expect(await socket.ask({ type: 'ping' })).toEqual({ type: 'pong' });
  });
});
