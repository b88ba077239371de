import { describe, expect, it } from '@jest/globals';
import { createUsers, updateUsers } from '../../../src/users/write.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp();
const settings = '/api/v2/notifications/settings';
const markAll = '/api/v2/notifications/inbox/mark-all-as-read';
const signedOut = 'You are signed out or your session has expired. Please sign in again to continue.';

/** A request without the headers from which the other faces read tokens. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  send(app(), path, { method, headers });
const cookie = (token: string, more = '') => ({ cookie: `theme=dark; coder_session_token=${token}${more}` });

describe('a session', () => {
  it.each([
    ['the cookie', settings, cookie('the-token-of-alice')],
    ['the query', `${settings}?coder_session_token=the-token-of-alice`, {}],
    ['the header', settings, { 'Coder-Session-Token': 'the-token-of-alice' }],
    ['a bearer token', settings, { authorization: 'Bearer the-token-of-alice' }],
    ['a bearer token with its scheme in any letter case', settings, { authorization: 'bEARER the-token-of-alice' }],
    ['the query parameter access_token', `${settings}?access_token=the-token-of-alice`, {}],
  ])('a session token is read from %s', async (_source, path, headers) => {
    expect(await ask(path, headers)).toMatchObject({ status: 200, body: { notifier_paused: false } });
  });

  it('the access token of a sign-in is a session token until the sign-in ends', async () => {
    const credentials = { email: 'admin@example.com', password: 'admin-password' };
    const { access_token, refresh_token } = (await send(app(), '/auth/login', { body: credentials })).body.data;
    const header = { 'Coder-Session-Token': access_token };

    const before = await ask(settings, header);
    await send(app(), '/auth/logout', { body: { refresh_token } });
    const after = await ask(settings, header);

    expect(before).toMatchObject({ status: 200, body: { notifier_paused: false } });
    expect(after).toMatchObject({ status: 401, body: { message: signedOut } });
  });

  it.each([
    ['the cookie rather than the query', `${settings}?coder_session_token=the-token-of-alice`, cookie('wrong')],
    [
      'the query rather than the header',
      `${settings}?coder_session_token=wrong`,
      { 'coder-session-token': 'the-token-of-alice' },
    ],
    [
      'the header rather than a bearer token',
      settings,
      { 'coder-session-token': 'wrong', authorization: 'Bearer the-token-of-alice' },
    ],
    [
      'a bearer token rather than access_token',
      `${settings}?access_token=the-token-of-alice`,
      { authorization: 'Bearer wrong' },
    ],
  ])('a session token is read from %s if both are sent', async (_order, path, headers) => {
    expect(await ask(path, headers)).toMatchObject({ status: 401 });
  });

  it('an empty source of a session token is skipped', async () => {
    const headers = { ...cookie(''), 'coder-session-token': '', authorization: 'Bearer the-token-of-alice' };

    expect(await ask(`${settings}?coder_session_token=`, headers)).toMatchObject({ status: 200 });
  });

  it('a request without a session is answered 401 with a challenge', async () => {
    const reply = await ask(settings);

    expect(reply.status).toBe(401);
    expect(reply.body).toEqual({
      message: signedOut,
      detail: 'Cookie "coder_session_token" or query parameter must be provided.',
    });
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer realm="coder", error="invalid_token", /);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('an unknown session token is refused', async () => {
    const reply = await ask(settings, { 'coder-session-token': 'of-nobody' });

    expect(reply).toMatchObject({ status: 401, body: { message: signedOut, detail: 'API key is invalid.' } });
  });

  it('an expired session token is refused with its time of expiry', async () => {
    const { db, contextOf, people } = app();
    const [id] = await createUsers(contextOf(people.admin), [
      { email: 'late@example.com', token: 'the-token-of-late' },
    ]);
    await db.query({ text: `update access_tokens set expires_at = '2020-01-01Z' where user_id = $1`, values: [id] });

    const reply = await ask(settings, { 'coder-session-token': 'the-token-of-late' });

    expect(reply.body).toEqual({ message: signedOut, detail: 'API key expired at "2020-01-01T00:00:00.000Z".' });
  });

  it('the Coder face tells a suspended user why the session is refused, and the other faces do not', async () => {
    const context = app().contextOf(app().people.admin);
    const ids = await createUsers(context, [{ email: 'idle@example.com', token: 'the-token-of-idle' }]);
    await updateUsers(context, ids, { status: 'suspended' });

    const [coder, directus] = [
      await ask(settings, { 'coder-session-token': 'the-token-of-idle' }),
      await ask('/users/me', { authorization: 'Bearer the-token-of-idle' }),
    ];

    expect(coder).toMatchObject({
      status: 401,
      body: {
        message: 'User is not active (status = "suspended"). Contact an admin to reactivate your account.',
      },
    });
    expect(directus.body).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'INVALID_CREDENTIALS' } }],
    });
  });

  it('a session token in the query is an unknown parameter on a route that refuses those', async () => {
    const reply = await ask('/api/v2/notifications/inbox?coder_session_token=the-token-of-alice');

    expect(reply).toMatchObject({ status: 400, body: { validations: [{ field: 'coder_session_token' }] } });
  });

  it('the other faces do not read the session cookie', async () => {
    expect(await ask('/notifications', cookie('the-token-of-alice'))).toMatchObject({ status: 403 });
  });
});

describe('a change with a cookie', () => {
  const csrf = Buffer.alloc(32, 7);
  const masked = Buffer.concat([Buffer.alloc(32, 5), csrf.map((byte) => byte ^ 5)]);
  const withCsrf = cookie('the-token-of-alice', `; csrf_token=${csrf.toString('base64')}`);

  it('a change with only the cookie is refused as plain text, because a page of another site could have sent it', async () => {
    const reply = await ask(markAll, cookie('the-token-of-alice'), 'PUT');

    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(reply.body).toMatch(/^Something is wrong with your CSRF token/);
  });

  it.each([
    [
      'the same token in the header',
      markAll,
      { ...cookie('the-token-of-alice'), 'coder-session-token': 'the-token-of-alice' },
    ],
    ['the same token in the query', `${markAll}?coder_session_token=the-token-of-alice`, cookie('the-token-of-alice')],
    ['a bearer header', markAll, { ...cookie('the-token-of-alice'), authorization: 'Bearer the-token-of-alice' }],
    ['the CSRF token', markAll, { ...withCsrf, 'x-csrf-token': csrf.toString('base64') }],
    ['the masked CSRF token', markAll, { ...withCsrf, 'x-csrf-token': masked.toString('base64') }],
  ])('a change with the cookie and %s is accepted', async (_evidence, path, headers) => {
    expect(await ask(path, headers, 'PUT')).toMatchObject({ status: 204 });
  });

  it.each([
    ['another token in the header', { ...cookie('the-token-of-alice'), 'coder-session-token': 'the-token-of-bob' }],
    ['another CSRF token', { ...withCsrf, 'x-csrf-token': Buffer.alloc(32, 8).toString('base64') }],
    ['an empty CSRF token', { ...cookie('the-token-of-alice', '; csrf_token='), 'x-csrf-token': '' }],
  ])('a change with the cookie and %s is refused', async (_evidence, headers) => {
    expect(await ask(markAll, headers, 'PUT')).toMatchObject({ status: 400 });
  });

  it('neither a change without a cookie nor a read needs a CSRF token', async () => {
    expect(await ask(markAll, { 'coder-session-token': 'the-token-of-alice' }, 'PUT')).toMatchObject({ status: 204 });
    expect(await ask(settings, cookie('the-token-of-alice'))).toMatchObject({ status: 200 });
  });
});

describe('paths below /api/v2', () => {
  it.each([
    '/api/v2',
    '/api/v2/',
    '/api/v2/nope',
    '/api/v2/notifications',
    '/api/v2/notifications/nope?x=1',
    '/api/v2/%zz',
  ])('an unknown path below /api/v2 is answered 404: %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: { message: 'Route not found.' } });
  });

  it('an unknown path outside /api/v2 is answered in the Directus format', async () => {
    expect(await ask('/api/v3')).toMatchObject({ status: 404, body: { errors: [{}] } });
    expect(await ask('/nope', { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 });
  });

  it('a wrong method below /api/v2 is answered 405 with the allowed methods', async () => {
    const reply = await ask('/api/v2/notifications/inbox', {}, 'POST');

    expect(reply).toMatchObject({ status: 405, body: { message: 'Method not allowed.' } });
    expect(reply.headers.get('allow')).toBe('GET');
  });

  it.each([
    ['POST', '/api/v2/users/me/webpush/subscription'],
    ['DELETE', '/api/v2/users/me/webpush/subscription'],
    ['POST', '/api/v2/users/me/webpush/test'],
  ])('a path of a disabled experiment is answered 404: %s %s', async (method, path) => {
    expect(await ask(path, {}, method)).toMatchObject({ status: 401 });
    expect(await ask(path, { 'coder-session-token': 'the-token-of-alice' }, method)).toMatchObject({
      status: 404,
      body: { message: 'Resource not found or you do not have access to this resource' },
    });
  });
});
