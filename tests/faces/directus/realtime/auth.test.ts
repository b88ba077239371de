import { afterEach, describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../../../src/notifications/write.ts';
import { createUsers, deleteUsers, type UserInput, updateUsers } from '../../../../src/users/write.ts';
import { useTestApp } from '../../../support/app.ts';
import { closeClients, connectRealtime } from '../../../support/realtime-client.ts';

afterEach(closeClients);

const failed = { type: 'auth', status: 'error', error: { code: 'AUTH_FAILED', message: expect.any(String) } };
const refusal = (code: string) => ({
  errors: [{ message: expect.any(String), extensions: expect.objectContaining({ code }) }],
});
const subscribe = { type: 'subscribe', collection: 'directus_notifications', query: { fields: ['subject'] }, uid: 's' };

let made = 0;
const password = 'a password of theirs';
/** A new user with a token. */
async function aUser(app: ReturnType<typeof useTestApp>, more: UserInput = {}) {
  made += 1;
  const user = { email: `carol-${made}@example.com`, token: `the-token-of-carol-${made}` };
  const context = app().contextOf(app().people.admin);
  const [id = ''] = await createUsers(context, [{ ...user, ...more }]);
  return {
    ...user,
    id,
    change: (change: UserInput) => updateUsers(context, [id], change),
    remove: () => deleteUsers(context, [id]),
    notify: (subject: string) => createNotifications(context, [{ recipient: id, subject }]),
  };
}

describe('the handshake', () => {
  const app = useTestApp({ WEBSOCKETS_REST_AUTH_TIMEOUT: '0.3', PUBLIC_URL: 'https://tidings.example.com' });
  const connect = (query = '', headers: Record<string, string> = {}) =>
    connectRealtime(`${app().url}/websocket${query}`, { headers });

  it.each([[{}], [{ uid: 'a1' }], [{ uid: 7 }]])(
    'the handshake accepts a valid token and returns the uid as it was sent: %j',
    async (uid) => {
      const client = await connect();

      const answer = await client.ask({ type: 'auth', access_token: app().people.alice.token, ...uid });

      expect(answer).toEqual({ type: 'auth', status: 'ok', ...uid });
    },
  );

  it('the handshake accepts an e-mail address and a password', async () => {
    const { email } = await aUser(app, { password });
    const client = await connect();

    const answer = await client.ask({ type: 'auth', email: email.toUpperCase(), password, uid: 1 });

    expect(answer).toEqual({ type: 'auth', status: 'ok', refresh_token: expect.any(String), uid: 1 });
  });

  it.each([
    ['a wrong token', () => ({ type: 'auth', access_token: 'wrong', uid: 'a1' })],
    ['a refresh token', () => ({ type: 'auth', refresh_token: 'any' })],
    ['no credentials', () => ({ type: 'auth' })],
    ['a wrong password', () => ({ type: 'auth', email: 'admin@example.com', password: 'wrong' })],
    ['an unknown e-mail address', () => ({ type: 'auth', email: 'nobody@example.com', password: 'admin-password' })],
    ['an e-mail address with NUL', () => ({ type: 'auth', email: 'a\0@example.com', password: 'x' })],
    ['a user without a password', () => ({ type: 'auth', email: 'alice@example.com', password: '' })],
    ['another message', () => subscribe],
    ['text that is not JSON', () => 'hello'],
  ])('the handshake fails for %s, and the socket is closed without a code', async (_what, message) => {
    const client = await connect();

    const answer = await client.ask(message());

    expect(answer).toEqual(failed);
    await expect(client.closed).resolves.toEqual({ code: 1005, reason: '', rest: [] });
  });

  it('the handshake fails for the password of a suspended user', async () => {
    const { email } = await aUser(app, { password, status: 'suspended' });
    const client = await connect();

    await expect(client.ask({ type: 'auth', email, password })).resolves.toEqual(failed);
  });

  it('the handshake fails when no message arrives in time', async () => {
    const client = await connect();

    await expect(client.next()).resolves.toEqual(failed);
    await expect(client.closed).resolves.toMatchObject({ code: 1005 });
  });

  it('a socket with a token in the URL needs no handshake', async () => {
    const client = await connect(`?access_token=${app().people.alice.token}`);

    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('an invalid token in the URL is refused before the upgrade', async () => {
    await expect(connect('?access_token=wrong')).rejects.toEqual({
      status: 401,
      body: refusal('INVALID_CREDENTIALS'),
    });
  });

  it.each(['https://evil.example.com', 'http://tidings.example.com', 'null', 'nonsense'])(
    'a socket is refused to a page of another origin: %s',
    async (origin) => {
      await expect(connect('', { origin })).rejects.toEqual({ status: 403, body: refusal('FORBIDDEN') });
    },
  );

  it.each([
    ['from the service’s own address', () => app().url],
    ['from the public URL', () => 'https://tidings.example.com'],
  ])('a socket is open to a page loaded %s', async (_page, origin) => {
    const client = await connect('', { origin: origin() });

    const answer = await client.ask({ type: 'auth', access_token: app().people.alice.token });

    expect(answer).toMatchObject({ status: 'ok' });
  });

  it('a client may sign in again; the socket is closed if that fails', async () => {
    const client = await connect(`?access_token=${app().people.alice.token}`);

    const again = await client.ask({ type: 'auth', access_token: app().people.bob.token, uid: 'b' });
    const wrong = await client.ask({ type: 'auth', access_token: 'wrong', uid: 'c' });

    expect(again).toEqual({ type: 'auth', status: 'ok', uid: 'b' });
    expect(wrong).toEqual({ ...failed, uid: 'c' });
    await expect(client.closed).resolves.toMatchObject({ code: 1005 });
  });

  it('every subscription restarts when another user signs in', async () => {
    const [carol, dave] = [await aUser(app), await aUser(app)];
    await carol.notify('For Carol');
    await dave.notify('For Dave');
    const client = await connect(`?access_token=${carol.token}`);

    const before = await client.ask(subscribe);
    const answer = await client.ask({ type: 'auth', access_token: dave.token });
    const after = await client.next();
    await carol.notify('More for Carol');
    await dave.notify('More for Dave');
    const event = await client.next();

    expect([before, after].map(({ data }) => data)).toEqual([[{ subject: 'For Carol' }], [{ subject: 'For Dave' }]]);
    expect(answer).toMatchObject({ status: 'ok' });
    expect(event).toMatchObject({ event: 'create', data: [{ subject: 'More for Dave' }] });
  });
});

describe('credentials that expire', () => {
  const app = useTestApp({ WEBSOCKETS_REST_AUTH_TIMEOUT: '0.5' });
  const connect = (query = '') => connectRealtime(`${app().url}/websocket${query}`);
  const expired = { type: 'auth', status: 'error', error: { code: 'TOKEN_EXPIRED', message: expect.any(String) } };
  const timeout = { type: 'auth', status: 'error', error: { code: 'AUTH_TIMEOUT', message: expect.any(String) } };

  type User = Awaited<ReturnType<typeof aUser>>;
  const endings: readonly [string, (user: User) => Promise<unknown>][] = [
    ['the user is suspended', ({ change }) => change({ status: 'suspended' })],
    ['the user is deleted', ({ remove }) => remove()],
    ['the role changes', ({ change }) => change({ role: 'admin' })],
  ];

  it.each([...endings, ['the token is revoked', ({ change }: User) => change({ token: null })] as const])(
    'a socket that signed in by token expires when %s',
    async (_what, end) => {
      const user = await aUser(app);
      const client = await connect(`?access_token=${user.token}`);

      await end(user);

      expect([await client.next(), await client.next()]).toEqual([expired, timeout]);
      await expect(client.closed).resolves.toMatchObject({ code: 1005 });
    },
  );

  it.each([...endings, ['the password changes', ({ change }: User) => change({ password: 'another-one' })] as const])(
    'a socket that signed in by password expires when %s',
    async (_what, end) => {
      const user = await aUser(app, { password });
      const client = await connect();
      await client.ask({ type: 'auth', email: user.email, password });

      await end(user);

      expect([await client.next(), await client.next()]).toEqual([expired, timeout]);
      await expect(client.closed).resolves.toMatchObject({ code: 1005 });
    },
  );

  it('a socket expires when another node revokes its token', async () => {
    const user = await aUser(app);
    const client = await connect(`?access_token=${user.token}`);

    await app().db.query({ text: 'delete from access_tokens where user_id = $1::uuid', values: [user.id] });

    await expect(client.next()).resolves.toEqual(expired);
  });

  it('a socket with expired credentials buffers events until the same user signs in again', async () => {
    const user = await aUser(app);
    const client = await connect(`?access_token=${user.token}`);
    await client.ask(subscribe);

    await user.change({ token: `${user.token}-2` });
    const first = await client.next();
    await user.notify('Meanwhile');
    const second = await client.ask({ type: 'auth', access_token: `${user.token}-2` });
    const third = await client.next();

    expect([first, second]).toEqual([expired, { type: 'auth', status: 'ok' }]);
    expect(third).toMatchObject({ event: 'create', data: [{ subject: 'Meanwhile' }] });
  });

  it('a socket with expired credentials may not subscribe', async () => {
    const user = await aUser(app);
    const client = await connect(`?access_token=${user.token}`);

    await user.change({ token: null });
    await client.next();

    await expect(client.ask(subscribe)).resolves.toMatchObject({ status: 'error', error: { code: 'FORBIDDEN' } });
  });
});

describe('public mode', () => {
  const app = useTestApp({ WEBSOCKETS_REST_AUTH: 'public', WEBSOCKETS_REST_AUTH_TIMEOUT: '0.3' });
  const connect = (query = '') => connectRealtime(`${app().url}/websocket${query}`);
  const forbidden = { type: 'subscribe', status: 'error', error: { code: 'FORBIDDEN', message: expect.any(String) } };

  it('public mode accepts anonymous clients, which may read nothing', async () => {
    const client = await connect();

    await expect(client.ask({ type: 'ping', uid: 1 })).resolves.toEqual({ type: 'pong', uid: 1 });
    await expect(client.ask(subscribe)).resolves.toEqual({ ...forbidden, uid: 's' });
  });

  it('public mode lets anonymous clients sign in at any time', async () => {
    const client = await connect();
    await client.ask(subscribe);

    const answer = await client.ask({ type: 'auth', access_token: app().people.alice.token });

    expect(answer).toEqual({ type: 'auth', status: 'ok' });
    await expect(client.ask(subscribe)).resolves.toMatchObject({ event: 'init' });
  });

  it.each([
    ['a wrong token', { access_token: 'wrong' }],
    ['a refresh token', { refresh_token: 'any' }],
  ])('public mode continues as anonymous after %s', async (_what, credentials) => {
    const client = await connect(`?access_token=${app().people.alice.token}`);
    await client.ask(subscribe);

    const answer = await client.ask({ type: 'auth', ...credentials, uid: 2 });

    expect(answer).toEqual({ ...failed, uid: 2 });
    await expect(client.next()).resolves.toEqual({ ...forbidden, uid: 's' });
    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('public mode continues as anonymous if the client does not sign in again in time', async () => {
    const user = await aUser(app);
    const client = await connect(`?access_token=${user.token}`);
    await client.ask(subscribe);

    await user.change({ token: null });
    const answers = [await client.next(), await client.next(), await client.next()];

    expect(answers.map(({ error }) => error.code)).toEqual(['TOKEN_EXPIRED', 'AUTH_TIMEOUT', 'FORBIDDEN']);
    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });
});

describe('strict mode', () => {
  const app = useTestApp({ WEBSOCKETS_REST_AUTH: 'strict' });

  it('strict mode refuses clients without a token', async () => {
    await expect(connectRealtime(`${app().url}/websocket`)).rejects.toEqual({
      status: 401,
      body: refusal('INVALID_CREDENTIALS'),
    });
  });

  it('strict mode accepts clients with a token', async () => {
    const client = await connectRealtime(`${app().url}/websocket?access_token=${app().people.alice.token}`);

    await expect(client.ask(subscribe)).resolves.toMatchObject({ event: 'init' });
  });
});

describe('the limit of connections', () => {
  const app = useTestApp({ WEBSOCKETS_REST_CONN_LIMIT: '1', WEBSOCKETS_REST_PATH: '/live' });

  it('refuses connections above the limit, at the configured path', async () => {
    await connectRealtime(`${app().url}/live`);

    await expect(connectRealtime(`${app().url}/live`)).rejects.toEqual({ status: 403, body: refusal('FORBIDDEN') });
  });
});

describe('disabled sockets', () => {
  const app = useTestApp({ WEBSOCKETS_ENABLED: 'false' });

  it('disabled sockets have no path', async () => {
    await expect(connectRealtime(`${app().url}/websocket`)).rejects.toEqual({
      status: 404,
      body: refusal('ROUTE_NOT_FOUND'),
    });
  });
});
