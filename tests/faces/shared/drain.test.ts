import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { somebodyWaits } from '../../support/locks.ts';
import { connectRealtime } from '../../support/realtime-client.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

/** A service that drains for one second when it is stopped, and the function that stops it. */
async function aDrainingApp(more: Parameters<typeof startTestApp>[1] = {}) {
  const app = await startTestApp({}, { drainMs: 1_000, ...more });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= app.stop();
    return stopping;
  };
  cleanUps.push(stop);
  return { app, stop };
}

/** Sends one request over the connections of `agent`, and reads the response. */
async function ask(app: TestApp, path: string, agent?: Agent, body?: object): Promise<IncomingMessage> {
  const asked = request(app.url + path, {
    agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${app.people.admin.token}`, 'content-type': 'application/json' },
  });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer;
}

function keptAlive(): Agent {
  const agent = new Agent({ keepAlive: true });
  cleanUps.push(() => agent.destroy());
  return agent;
}

describe('while a stop drains', () => {
  it('while draining, readiness checks are answered 503 and all other requests as usual, on new and kept connections', async () => {
    const { app, stop } = await aDrainingApp();
    const agent = keptAlive();
    const before = await ask(app, '/notifications', agent);

    const stopped = stop();
    const kept = await ask(app, '/notifications', agent);
    const ready = await ask(app, '/readyz');
    const written = await ask(app, '/notifications', undefined, { recipient: app.people.alice.id, subject: 'late' });

    expect([before.statusCode, before.headers.connection]).toEqual([200, 'keep-alive']);
    expect([kept.statusCode, kept.headers.connection]).toEqual([200, 'close']);
    expect([ready.statusCode, ready.headers.connection]).toEqual([503, 'close']);
    expect([written.statusCode, written.headers.connection]).toEqual([200, 'close']);
    await stopped;
    await expect(ask(app, '/readyz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('while draining, clients that obey Connection: close lose no request', async () => {
    const { app, stop } = await aDrainingApp();
    const statuses: (number | undefined)[] = [];
    const client = async () => {
      const agent = keptAlive();
      for (;;) {
        const answer = await ask(app, '/notifications', agent, { recipient: app.people.alice.id, subject: 'more' });
        statuses.push(answer.statusCode);
        if (answer.headers.connection === 'close') return;
      }
    };
    const clients = Array.from({ length: 8 }, client);

    await ask(app, '/server/ping');
    const stopped = stop();
    await Promise.all(clients);

    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await stopped;
  });

  it('while draining, clients of streams and sockets are asked to reconnect', async () => {
    const { app, stop } = await aDrainingApp();
    const token = app.people.alice.token;
    const address = app.url.replace('http', 'ws');
    const coder = new WebSocket(`${address}/api/v2/notifications/inbox/watch`, {
      headers: { 'coder-session-token': token },
    });
    const graphql = new WebSocket(`${address}/graphql?access_token=${token}`, 'graphql-transport-ws');
    const sockets = [coder, graphql];
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const realtime = await connectRealtime(`${app.url}/websocket?access_token=${token}`);
    const query = encodeURIComponent('subscription { inbox_changes { cursor } }');
    const events = await fetch(`${app.url}/graphql/system?query=${query}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    });

    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    await stop();

    expect((await closed).map(([code]) => code)).toEqual([1001, 1001]);
    await expect(realtime.closed).resolves.toMatchObject({ code: 1001 });
    await expect(events.text()).rejects.toThrow('terminated');
  });

  it('a mutation on a socket is answered before the socket is closed', async () => {
    const { app, stop } = await aDrainingApp({ drainMs: 0 });
    const { admin, alice } = app.people;
    await ask(app, '/notifications', undefined, { recipient: alice.id, subject: 'first' });
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const messages: { readonly type: string; readonly payload?: unknown }[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(String(data))));
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: admin.token } }));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    let stopped: Promise<void> | undefined;

    await app.db.transaction(async (transaction) => {
      await transaction.query({
        text: 'select from inboxes where recipient_id = $1 for update',
        values: [alice.id],
      });
      const query = `mutation { create_notifications_item(data: { recipient: "${alice.id}", subject: "second" }) { subject } }`;
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      await somebodyWaits(app.db);
      stopped = stop();
      // A refused connection shows that the listener is closed; sockets would have been closed before that.
      await expect(refused(app)).resolves.toBe('ECONNREFUSED');
      expect(socket.readyState).toBe(WebSocket.OPEN);
    });

    expect((await closed)[0]).toBe(1001);
    expect(messages.slice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { create_notifications_item: { subject: 'second' } } } },
      { id: '1', type: 'complete' },
    ]);
    await stopped;
  });

  it('connections that never sent a request are closed while draining', async () => {
    const { app, stop } = await aDrainingApp({ graceMs: 60_000 });
    const { connect } = await import('node:net');
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');

    await stop();

    await closed;
  });
});

/** Sends requests until the connection is refused; returns the error. */
async function refused(app: TestApp): Promise<unknown> {
  for (;;) {
    try {
      await ask(app, '/readyz');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNRESET') return code;
    }
  }
}
