import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { retryAfter } from '../../src/dispatch/methods/webhook.ts';
import { aReceiver, type Receiver } from './receiver.ts';
import { aCounter, aStage, type Line, type Stage, templates } from './stage.ts';

// The numbers in parentheses are cases of the checklist in tests/conformance/coder-checklist.test.ts.

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;

async function receiver(...args: Parameters<typeof aReceiver>): Promise<Receiver> {
  const made = await aReceiver(...args);
  cleanUps.push(made.close);
  return made;
}

async function aStageFor(endpoint: string, more: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const stage = await aStage({
    WEBHOOK_ENDPOINT: endpoint,
    NOTIFICATIONS_METHOD: 'webhook',
    INBOX_ENABLED: 'false',
    RETRY_INTERVAL_MS: '600000',
    ...more,
  });
  cleanUps.push(stage.close);
  return stage;
}

/** Enqueues one message, waits for one attempt, and returns its log line. */
async function sendOne(stage: Stage, arrived: () => Promise<unknown>): Promise<Line> {
  const dispatcher = stage.start();
  await stage.enqueue();
  await arrived();
  await dispatcher.stop();
  const [line] = await stage.log();
  if (line === undefined) throw new Error('nothing was enqueued');
  return line;
}

describe('a webhook', () => {
  it('a webhook contains all fields a receiver needs (44)', async () => {
    const endpoint = await receiver();
    const stage = await aStageFor(`${endpoint.url}?key=1`);

    const line = await sendOne(stage, () => endpoint.received(1));

    expect(line).toMatchObject({ status: 'sent', attempts: 1 });
    const [request] = endpoint.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook?key=1',
      headers: { 'content-type': 'application/json', 'x-message-id': line.id },
    });
    expect(request?.headers).not.toHaveProperty('webhook-signature');
    expect(JSON.parse(request?.text ?? '')).toEqual({
      _version: '1.1',
      msg_id: line.id,
      payload: {
        _version: '1.2',
        notification_name: 'Workspace Deleted',
        notification_template_id: templates.workspaceDeleted,
        user_id: stage.bobby.id,
        user_email: 'bobby@example.com',
        user_name: 'Bobby',
        user_username: 'bobby',
        actions: expect.any(Array),
        labels: { name: 'dev', reason: 'inactive', initiator: 'Ada', nonce: expect.any(String) },
        data: null,
        targets: [],
      },
      title: expect.stringContaining('dev'),
      title_markdown: expect.stringContaining('dev'),
      body: expect.stringContaining('inactive'),
      body_markdown: expect.stringContaining('inactive'),
    });
  });

  it("each webhook contains its user's current name and address", async () => {
    const endpoint = await receiver();
    const stage = await aStageFor(endpoint.url);
    const ada = await stage.aRecipient({ firstName: 'Ada', username: 'ada' });
    await stage.db.query({
      text: `update templates set body_template = 'For {{ user_name }}.' where id = $1`,
      values: [templates.workspaceDeleted],
    });
    await stage.enqueue({ recipients: [ada.id, stage.bobby.id] });
    await stage.db.query({ text: `update users set email = 'new@example.com' where id = $1`, values: [ada.id] });

    const dispatcher = stage.start();
    await endpoint.received(2);
    await dispatcher.stop();

    const bodies = endpoint.requests.map(({ text }) => JSON.parse(text));
    expect(bodies.toSorted((a, b) => a.body.localeCompare(b.body))).toMatchObject([
      { body: 'For Ada.', payload: { user_id: ada.id, user_email: 'new@example.com', user_username: 'ada' } },
      { body: 'For Bobby.', payload: { user_id: stage.bobby.id, user_email: 'bobby@example.com' } },
    ]);
  });

  it('a webhook is signed by Standard Webhooks', async () => {
    const endpoint = await receiver();
    const stage = await aStageFor(endpoint.url, { WEBHOOK_SECRET: secret });

    const line = await sendOne(stage, () => endpoint.received(1));

    const { headers, text } = endpoint.requests[0] ?? { headers: {}, text: '' };
    expect(headers).toMatchObject({ 'webhook-id': line.id });
    expect(new Webhook(secret).verify(text, headers)).toMatchObject({ msg_id: line.id });
    expect(() => new Webhook(secret).verify(`${text} `, headers)).toThrow();
  });

  it.each([200, 204, 299])('a webhook is sent when the response is %d (63)', async (status) => {
    const endpoint = await receiver((_request, response) => void response.writeHead(status).end());
    const stage = await aStageFor(endpoint.url);

    expect(await sendOne(stage, () => endpoint.received(1))).toMatchObject({ status: 'sent', reason: null });
  });

  it('a webhook fails for good when the response is 410 Gone', async () => {
    const endpoint = await receiver((_request, response) => void response.writeHead(410).end());
    const stage = await aStageFor(endpoint.url);

    expect(await sendOne(stage, () => endpoint.received(1))).toMatchObject({
      status: 'permanent_failure',
      reason: 'non-2xx response (410)',
    });
  });

  it.each([300, 400, 404, 500, 503])('a webhook is retried when the response is %d (63)', async (status) => {
    const endpoint = await receiver((_request, response) => void response.writeHead(status).end('no'));
    const stage = await aStageFor(endpoint.url);

    expect(await sendOne(stage, () => endpoint.received(1))).toMatchObject({
      status: 'temporary_failure',
      reason: `non-2xx response (${status})`,
    });
  });

  it.each([
    [429, '7200', 7200],
    [503, 'a date in two hours', 7200],
    [429, '999999999999', 86_400],
  ])(
    'a %d with Retry-After (%s) delays the webhook that long and does not count as an attempt',
    async (status, wait, seconds) => {
      const text = () => (wait.startsWith('a date') ? new Date(Date.now() + 7_200_000).toUTCString() : wait);
      const endpoint = await receiver(
        (_request, response) => void response.writeHead(status, { 'retry-after': text() }).end(),
      );
      const stage = await aStageFor(endpoint.url, { RETRY_INTERVAL_MS: '1', MAX_SEND_ATTEMPTS: '1' });

      const line = await sendOne(stage, () => endpoint.received(1));

      const [row] = await stage.db.query<{ seconds: number }>({
        text: 'select extract(epoch from next_retry_after - updated_at)::float8 as seconds from deliveries',
        values: [],
      });
      expect(line).toMatchObject({ status: 'pending', reason: `non-2xx response (${status})`, attempts: 0 });
      expect(Math.abs((row?.seconds ?? 0) - seconds)).toBeLessThan(10);
    },
  );

  it('a webhook follows a redirect to another path of the same host', async () => {
    const endpoint = await receiver(({ path }, response) => {
      if (path === '/new') response.writeHead(204).end();
      else response.writeHead(308, { location: '/new' }).end();
    });
    const stage = await aStageFor(endpoint.url);

    expect(await sendOne(stage, () => endpoint.received(2))).toMatchObject({ status: 'sent' });
    expect(endpoint.requests[1]?.text).toBe(endpoint.requests[0]?.text);
  });

  it('a webhook follows no redirect to another host and no endless redirects', async () => {
    const other = await receiver();
    const away = await receiver((_request, response) => void response.writeHead(307, { location: other.url }).end());
    const round = await receiver((_request, response) => void response.writeHead(307, { location: '/hook' }).end());

    const toAway = await sendOne(await aStageFor(away.url), () => away.received(1));
    const toRound = await sendOne(await aStageFor(round.url), () => round.received(4));

    expect(toAway).toMatchObject({ status: 'temporary_failure', reason: 'non-2xx response (307)' });
    expect(toRound).toMatchObject({ status: 'temporary_failure', reason: 'non-2xx response (307)' });
    expect(other.requests).toEqual([]);
    expect(round.requests).toHaveLength(4);
  });

  it('a webhook fails for good if no endpoint is configured (63)', async () => {
    const stage = await aStage({ INBOX_ENABLED: 'false', FETCH_INTERVAL_MS: '5' });
    cleanUps.push(stage.close);
    await stage.db.query({ text: `update templates set method = 'webhook'`, values: [] });
    await stage.enqueue();
    const dispatcher = stage.start();
    await stage.settled(1);
    await dispatcher.stop();

    expect(await stage.log()).toMatchObject([
      { status: 'permanent_failure', reason: 'no webhook endpoint is configured' },
    ]);
  });
});

describe('an endpoint', () => {
  it.each([
    ['hangs', () => undefined, 'no response within 1000 ms'],
    ['hangs up', (socket: Socket) => socket.resetAndDestroy(), /ECONNRESET|other side closed|socket/i],
    ['answers garbage', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), /HTTP|Parse|Expected/i],
    ['never ends its headers', (socket: Socket) => stream(socket, 'HTTP/1.1 200 OK\r\n', 'x-a: b\r\n'), /.+/],
  ])('an endpoint that %s costs one attempt and delays no other message', async (what, answer, reason) => {
    const hostile = await rawServer(answer);
    const stage = await aStageFor(hostile.url, {
      DISPATCH_TIMEOUT_MS: what === 'hangs' ? '1000' : '20000',
      INBOX_ENABLED: 'true',
      RETRY_INTERVAL_MS: '60000',
    });

    await sendOne(stage, async () => {
      await hostile.received(1);
      // The webhook is still being sent or is about to be retried: neither holds up the inbox.
      await stage.inboxed(1);
    });

    const log = await stage.log();
    expect(log.find(({ method }) => method === 'webhook')).toMatchObject({
      status: 'temporary_failure',
      reason: expect.stringMatching(reason),
      attempts: 1,
    });
  });

  it('an endpoint that streams without end counts as sent once its status arrives', async () => {
    const open = new Set<Socket>();
    const hostile = await rawServer((socket) => {
      open.add(socket);
      stream(socket, 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', `400\r\n${'x'.repeat(1024)}\r\n`);
    });
    const stage = await aStageFor(hostile.url);

    const line = await sendOne(stage, () => hostile.received(1));
    await Promise.all([...open].map((socket) => socket.closed || once(socket, 'close')));

    expect(line).toMatchObject({ status: 'sent' });
  });

  it('a webhook is retried when the endpoint is unreachable', async () => {
    const gone = await aReceiver();
    await gone.close();
    const stage = await aStageFor(gone.url);
    await stage.enqueue();
    const dispatcher = stage.start();
    await stage.settled(1);
    await dispatcher.stop();

    expect(await stage.log()).toMatchObject([
      { status: 'temporary_failure', reason: expect.stringContaining('ECONNREFUSED') },
    ]);
  });
});

describe('retryAfter', () => {
  const now = new Date('2026-11-22T10:00:00Z');
  it.each([
    ['120', 120_000],
    [' 5 ', 5000],
    ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %j is read as %j ms', (value, ms) => {
    expect(retryAfter(value, now)).toBe(ms);
  });
});

/** A TCP server whose responses are written by `answer`. */
async function rawServer(answer: (socket: Socket) => unknown) {
  const counter = aCounter();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      answer(socket);
      counter.add();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, received: counter.reached };
}

/** Writes the same chunk repeatedly, respecting backpressure. */
function stream(socket: Socket, start: string, rest: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(rest));
  };
  socket.on('drain', more);
  socket.write(start);
  more();
}
