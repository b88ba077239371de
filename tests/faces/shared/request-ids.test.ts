import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../../support/app.ts';

describe('the id of a request', () => {
  const lines: Record<string, unknown>[] = [];
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ LOG_LEVEL: 'error' }, { onLogged: (line) => void lines.push(JSON.parse(line)) });
    // Every list fails with an error that nobody expects.
    await app.db.query({ text: 'alter table notifications rename to elsewhere', values: [] });
  });
  afterAll(() => app.stop());

  const headersOf = (requestId: string) => ({
    authorization: `Bearer ${app.people.admin.token}`,
    'x-request-id': requestId,
  });

  it.each([
    ['GraphQL', '/graphql/system?query={notifications{id}}'],
    ['Directus', '/notifications'],
    ['Coder', '/api/v2/notifications/inbox'],
  ])('is in the log line of an unexpected error: %s', async (face, path) => {
    const requestId = `unexpected-${face}`;

    await fetch(app.url + path, { headers: headersOf(requestId) });

    const logged = lines.filter((line) => line['requestId'] === requestId);
    expect(logged.map(({ msg }) => msg)).toEqual(['unexpected error']);
  });

  it('is in the log line of an unexpected error on a socket: the id of its handshake', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql/system`, 'graphql-transport-ws', {
      headers: headersOf('unexpected-socket'),
    });
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    socket.send('{"type":"subscribe","id":"1","payload":{"query":"{ notifications { id } }"}}');
    await once(socket, 'message');
    socket.close();

    const logged = lines.filter((line) => line['requestId'] === 'unexpected-socket');
    expect(logged.map(({ msg }) => msg)).toEqual(['unexpected error']);
  });

  it.each([
    ['/graphql/system', 101],
    ['/websocket', 101],
    ['/api/v2/notifications/inbox/watch', 401],
    ['/no/socket', 404],
  ])('is in the response to the upgrade of %s, which is %i', async (path, status) => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}${path}`, {
      headers: { 'x-request-id': 'upgrade-1' },
    });
    const answered = status === 101 ? once(socket, 'upgrade') : once(socket, 'unexpected-response');

    const response = ((await answered) as IncomingMessage[]).at(-1);
    socket.on('error', () => undefined).terminate();

    expect([response?.statusCode, response?.headers['x-request-id']]).toEqual([status, 'upgrade-1']);
  });
});
