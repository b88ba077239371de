import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const json = { 'content-type': 'application/json' };
const faces = (app: TestApp) => {
  const { token } = app.people.admin;
  const bearer = { authorization: `Bearer ${token}`, ...json };
  return [
    { face: 'Directus', path: '/notifications', headers: bearer },
    { face: 'GraphQL', path: '/graphql/system', headers: bearer },
    { face: 'Coder', path: '/api/v2/notifications/custom', headers: { 'coder-session-token': token } },
    { face: 'nobody', path: '/nowhere', headers: json },
  ];
};
/** The response to an invalid body. */
const invalid = { errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }] };

describe('a body that is too large', () => {
  const app = useTestApp();
  const limit = expect.stringContaining('1048576 bytes that MAX_PAYLOAD_SIZE allows');

  it.each([0, 1, 2, 3])(
    'a body that is too large is refused in the format of the face (%i), also while it is being sent',
    async (at) => {
      const { face, path, headers } = faces(app())[at] ?? { face: '', path: '', headers: {} };
      for (let round = 0; round < 5; round += 1) {
        const reply = await send(app(), path, { method: 'POST', headers, body: 'x'.repeat(30_000_000) });

        if (face === 'Coder') expect(reply).toMatchObject({ status: 413, body: { detail: limit } });
        else expect(reply).toMatchObject({ status: 400, body: { errors: [{ message: limit, ...invalid.errors[0] }] } });
      }
    },
  );

  it('a body that is too large is read only up to a limit', async () => {
    const socket = connect(Number(new URL(app().url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const type = 'Content-Type: application/json\r\n';
    socket.write(`POST /notifications HTTP/1.1\r\nHost: x\r\n${type}Content-Length: 10000000000\r\n\r\n{`);

    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('HTTP/1.1 400');
    await once(socket, 'close');
  });
});

describe('a body with an encoding', () => {
  const app = useTestApp();
  const body = JSON.stringify({ query: '{ __typename }' });
  const ask = async (at: number, headers: Readonly<Record<string, string>>, bytes: string | Buffer) => {
    const face = faces(app())[at] ?? { path: '', headers: {} };
    const reply = await fetch(app().url + face.path, {
      method: 'POST',
      headers: { ...face.headers, ...headers },
      body: new Uint8Array(Buffer.from(bytes)),
    });
    return { status: reply.status, body: await reply.json() };
  };

  it.each([
    ['compressed', { 'content-encoding': 'gzip' }, gzipSync(body)],
    ['in another character set', { 'content-type': 'application/json; charset=latin1' }, body],
    ['in UTF-16', { 'content-type': 'application/json; charset="UTF-16"' }, Buffer.from(body, 'utf16le')],
  ] as const)('a body is refused when it is %s', async (_what, headers, bytes) => {
    await expect(ask(0, headers, bytes)).resolves.toMatchObject({ status: 400, body: invalid });
    await expect(ask(1, headers, bytes)).resolves.toMatchObject({
      status: 415,
      body: { errors: [{ extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } }] },
    });
  });

  it('the Coder face ignores the character set and reports invalid JSON', async () => {
    const message = JSON.stringify({ content: { title: 'Hello', message: 'World' } });

    await expect(ask(2, { 'content-encoding': 'gzip' }, gzipSync(message))).resolves.toMatchObject({
      status: 400,
      body: { message: 'Request body must be valid JSON.' },
    });
    const latin = await fetch(`${app().url}/api/v2/notifications/custom`, {
      method: 'POST',
      headers: { 'coder-session-token': app().people.admin.token, 'content-type': 'application/json; charset=latin1' },
      body: message,
    });
    expect(latin.status).toBe(204);
  });

  it.each(['utf-8', 'UTF8', '"utf-8"', 'us-ascii'])('a body with the character set %s is read', async (charset) => {
    const type = { 'content-type': `application/json; charset=${charset}`, 'content-encoding': 'identity' };
    await expect(ask(1, type, body)).resolves.toMatchObject({ status: 200 });
  });
});

describe('a request whose client disconnects', () => {
  const lines: { readonly level: number; readonly msg: string; readonly err?: unknown }[] = [];
  const onLogged: (() => void)[] = [];
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp(
      { LOG_LEVEL: 'debug' },
      {
        onLogged(line) {
          const entry = JSON.parse(line);
          // Skips the line that is logged for every request.
          if (entry.msg === 'request') return;
          lines.push(entry);
          for (const call of onLogged) call();
        },
      },
    );
  });
  afterAll(() => app.stop());

  it.each([0, 1, 2])(
    'a request whose client disconnects in the middle of the body is logged at debug level, without a stack (face %i)',
    async (at) => {
      lines.length = 0;
      const { path, headers } = faces(app)[at] ?? { path: '', headers: {} };
      const head = Object.entries({ ...headers, 'content-length': '1000' }).map(([name, value]) => `${name}: ${value}`);
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      const logged = new Promise<void>((resolve) => onLogged.push(resolve));
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head.join('\r\n')}\r\n\r\n{`);
      // Once a later request is answered, the service has begun to read the incomplete one.
      await send(app, path, { headers });
      socket.destroy();
      await logged;

      expect(lines.map(({ level }) => level)).toEqual([20]);
      expect(lines[0]?.err).toBeUndefined();
    },
  );
});

describe('access to /metrics', () => {
  const app = useTestApp({ TRUST_PROXY: 'loopback' });
  const elsewhere = { 'x-forwarded-for': '203.0.113.7' };

  it('/metrics is served to requests from this machine', async () => {
    await expect(send(app(), '/metrics')).resolves.toMatchObject({ status: 200 });
  });

  it.each([
    ['a request from another machine', elsewhere],
    ['a request forwarded by a proxy on this machine', { 'x-real-ip': '203.0.113.7' }],
  ])('/metrics refuses %s unless an admin sent it', async (_who, headers) => {
    const { admin, alice } = app().people;

    await expect(send(app(), '/metrics', { headers })).resolves.toMatchObject({ status: 403 });
    await expect(send(app(), '/metrics', { headers, as: alice })).resolves.toMatchObject({ status: 403 });
    await expect(send(app(), '/metrics', { headers, as: admin })).resolves.toMatchObject({ status: 200 });
  });

  describe('with a metrics token', () => {
    const guarded = useTestApp({ METRICS_TOKEN: 'the-token-of-a-collector' });
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

    it('/metrics is served to requests with the metrics token from any address', async () => {
      await expect(send(guarded(), '/metrics')).resolves.toMatchObject({ status: 403 });
      await expect(send(guarded(), '/metrics', as('another-token-of-somebody'))).resolves.toMatchObject({
        status: 401,
      });
      await expect(send(guarded(), '/metrics', as('the-token-of-a-collector'))).resolves.toMatchObject({ status: 200 });
      await expect(send(guarded(), '/healthz')).resolves.toMatchObject({ status: 200 });
    });
  });
});

describe('a response', () => {
  const app = useTestApp();

  it.each(['/notifications', '/nowhere', '/%zz', '/api/v2/%zz'])(
    'a response forbids browsers to guess its content type: %s',
    async (path) => {
      const { headers } = await fetch(app().url + path);

      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );
});
