import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { type TestApp, useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const list = '/notifications?limit=1';
const unavailable = 'The service "requests" is unavailable: too many requests are waiting.';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** A request whose body does not arrive before `end`. */
interface WaitingRequest {
  readonly socket: Socket;
  /** Sends the body, and returns the answer. */
  end(): Promise<string>;
}

async function aWaitingRequest({ url }: TestApp): Promise<WaitingRequest> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (data) => {
    text += String(data);
  });
  const body = '{"query":"{ __typename }"}';
  const headers = ['connection: close', 'content-type: application/json', `content-length: ${body.length}`];
  socket.write(['POST /graphql/system HTTP/1.1', `host: ${hostname}`, ...headers, '', ''].join('\r\n'));
  return {
    socket,
    async end() {
      const ended = once(socket, 'end');
      socket.write(body);
      await ended;
      return text;
    },
  };
}

/** Resolves when so many requests wait; the one that asks does not count. */
async function untilWaiting(app: TestApp, count: number): Promise<void> {
  for (;;) {
    const { body } = await send(app, '/metrics');
    if (String(body).split('\n').includes(`tidings_waiting_requests ${count}`)) return;
  }
}

describe('a service with as many waiting requests as it may have', () => {
  const app = useTestApp({ MAX_WAITING_REQUESTS: '2' });

  /** Two requests that wait. */
  async function underLoad() {
    await untilWaiting(app(), 0);
    const first = await aWaitingRequest(app());
    await untilWaiting(app(), 1);
    const second = await aWaitingRequest(app());
    await untilWaiting(app(), 2);
    return [first, second] as const;
  }

  it('new requests are refused with 503 by each face in its own format', async () => {
    const { alice } = app().people;
    await underLoad();

    const directus = await send(app(), list, { as: alice });
    const overGraphql = await graphql(app(), alice, '{ __typename }');
    const coder = await send(app(), '/api/v2/notifications/inbox', { as: alice });
    const page = await send(app(), '/', { headers: { accept: 'text/html' } });

    const error = {
      message: unavailable,
      extensions: { service: 'requests', reason: 'too many requests are waiting', code: 'SERVICE_UNAVAILABLE' },
    };
    const replies = [directus, overGraphql, coder, page];
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(replies.map(({ headers }) => headers.get('retry-after'))).toEqual(['1', '1', '1', '1']);
    expect(directus.body).toEqual({ errors: [error] });
    expect(overGraphql.body).toEqual({ errors: [error] });
    expect(coder.body).toEqual({ message: unavailable });
    expect(page.body).toBe(`${unavailable}\n`);
  });

  it('health checks and operations on open sockets go on', async () => {
    const { alice } = app().people;
    const client = createClient({
      url: `${app().url.replace('http', 'ws')}/graphql/system`,
      webSocketImpl: WebSocket,
      connectionParams: { access_token: alice.token },
      lazy: false,
    });
    const ask = async () => (await client.iterate({ query: '{ inbox { unread_count } }' }).next()).value;
    await ask();
    await underLoad();

    const health = await Promise.all(['/healthz', '/metrics'].map((path) => send(app(), path)));
    const answer = await ask();
    await client.dispose();

    expect(health.map(({ status }) => status)).toEqual([200, 200]);
    expect(health[1]?.body).toMatch(/tidings_refused_requests_total\{limit="waiting_requests"\} [1-9]/);
    expect(answer).toEqual({ data: { inbox: { unread_count: 0 } } });
  });

  it('waiting requests are answered, and then new ones are accepted', async () => {
    const [first, second] = await underLoad();

    expect(await first.end()).toContain('{"data":{"__typename":"Query"}}');
    expect(await second.end()).toContain('HTTP/1.1 200');
    await untilWaiting(app(), 0);
    expect(await send(app(), '/server/ping')).toMatchObject({ status: 200 });
  });

  it('a request whose connection is lost waits no longer', async () => {
    const [first] = await underLoad();

    first.socket.destroy();

    await untilWaiting(app(), 1);
    expect(await send(app(), '/server/ping')).toMatchObject({ status: 200 });
  });

  it('an open event stream does not wait', async () => {
    const { alice } = app().people;
    const body = JSON.stringify({ query: 'subscription { inbox_changes { kind } }' });
    const headers = {
      authorization: `Bearer ${alice.token}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    };
    await untilWaiting(app(), 0);
    const streams = [];
    for (let index = 0; index < 3; index += 1) {
      const stream = await fetch(`${app().url}/graphql/system`, { method: 'POST', headers, body });
      await stream.body?.getReader().read();
      streams.push(stream);
    }

    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
    await untilWaiting(app(), 0);
    expect(await send(app(), '/server/ping')).toMatchObject({ status: 200 });
  });
});
