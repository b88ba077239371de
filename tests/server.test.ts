import { connect, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startTestApp } from './support/app.ts';

/** Opens a TCP connection; returns it, and everything it received once it has ended. */
function open(url: string, text: string): { readonly socket: Socket; readonly end: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const end = new Promise<string>((resolve) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
  socket.write(text);
  return { socket, end };
}

const upgrade = (token: string) =>
  [
    `GET /graphql?access_token=${token} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');

const stream = (token: string) =>
  [
    `GET /graphql/system?query=${encodeURIComponent('subscription { directus_notifications_mutated { key } }')} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Accept: text/event-stream',
    '\r\n',
  ].join('\r\n');

const half = (token: string) =>
  [
    'POST /notifications HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Content-Length: 100',
    '',
    '{',
  ].join('\r\n');

describe('a stop', () => {
  it.each([
    ['a socket whose peer answers nothing', upgrade],
    ['a stream of events', stream],
    ['a request that never ends', half],
  ])('a stop does not wait for %s', async (_what, request) => {
    const app = await startTestApp({}, { graceMs: 300 });
    const { socket, end } = open(app.url, request(app.people.alice.token));
    // All responses so far have arrived; an incomplete request gets none.
    if (request !== half) await new Promise((resolve) => socket.once('data', resolve));
    else await new Promise((resolve) => socket.once('connect', () => setImmediate(resolve)));

    await app.stop();

    await expect(end).resolves.not.toContain('event: complete');
  });
});

describe('a malformed request', () => {
  it.each([
    ['garbage', '\u0016\u0003\u0001\r\n\r\n', 400],
    ['an unknown method', 'FETCH /notifications HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['an endless address', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])('a malformed request is answered in the Directus envelope: %s', async (_what, text, status) => {
    const app = await startTestApp();

    const answer = await open(app.url, text).end;
    await app.stop();

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({
      errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }],
    });
  });
});
