import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { mintUserToken } from '../../src/tokens/mint-user-token.ts';
import { useTestApp } from '../support/app.ts';
import { connectRealtime } from '../support/realtime-client.ts';

const app = useTestApp();
const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

async function mint(expires_in: number): Promise<string> {
  const { admin, alice } = app().people;
  return (await mintUserToken(app().contextOf(admin), { user: alice.id, expires_in })).token;
}

describe('a socket whose token expires', () => {
  it('/websocket says TOKEN_EXPIRED, and goes on with a new token', async () => {
    const client = await connectRealtime(`${app().url}/websocket`);
    open.push(client.socket);
    expect(await client.ask({ type: 'auth', access_token: await mint(6) })).toMatchObject({ status: 'ok' });

    const expired = await client.next();
    const renewed = await client.ask({ type: 'auth', access_token: await mint(600) });

    expect(expired).toMatchObject({ type: 'auth', status: 'error', error: { code: 'TOKEN_EXPIRED' } });
    expect(renewed).toMatchObject({ type: 'auth', status: 'ok' });
  });

  it('/graphql/system closes with 4403', async () => {
    const address = app().url.replace('http', 'ws');
    const socket = new WebSocket(`${address}/graphql/system`, 'graphql-transport-ws');
    open.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: await mint(6) } }));

    const [code] = await once(socket, 'close');

    expect(code).toBe(4403);
  });

  it('/graphql/system cuts an event stream', async () => {
    const headers = { authorization: `Bearer ${await mint(6)}`, 'content-type': 'application/json' };
    const subscribe = () =>
      fetch(`${app().url}/graphql/system`, {
        method: 'POST',
        headers: { ...headers, accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { inbox_changes { kind } }' }),
      });

    const response = await subscribe();
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);

    // Not "complete", which would tell the client that nothing more is to come.
    await expect(response.text()).rejects.toThrow('terminated');
    expect((await subscribe()).status).toBe(401);
  });

  it("Coder's watch socket closes with 1008", async () => {
    const address = app().url.replace('http', 'ws');
    const headers = { 'coder-session-token': await mint(6) };
    const socket = new WebSocket(`${address}/api/v2/notifications/inbox/watch`, { headers });
    open.push(socket);
    await once(socket, 'open');

    const [code] = await once(socket, 'close');

    expect(code).toBe(1008);
  });
});
