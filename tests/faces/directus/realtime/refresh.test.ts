import { afterEach, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../../support/app.ts';
import { send } from '../../../support/client.ts';
import { closeClients, connectRealtime } from '../../../support/realtime-client.ts';

afterEach(closeClients);

describe('a refresh token over the socket', () => {
  const app = useTestApp();
  const connect = () => connectRealtime(`${app().url}/websocket`);
  const failed = { type: 'auth', status: 'error', error: { code: 'AUTH_FAILED', message: expect.any(String) } };
  const login = async () =>
    (await send(app(), '/auth/login', { body: { email: 'admin@example.com', password: 'admin-password' } })).body.data;

  it('signs in, and is replaced by the one in the answer', async () => {
    const { refresh_token } = await login();
    const client = await connect();

    const answer = await client.ask({ type: 'auth', refresh_token, uid: 'a1' });
    const pong = await client.ask({ type: 'ping' });
    const other = await connect();
    const old = await other.ask({ type: 'auth', refresh_token });
    const renewed = await send(app(), '/auth/refresh', { body: { refresh_token: answer.refresh_token } });

    expect(answer).toEqual({ type: 'auth', status: 'ok', refresh_token: expect.any(String), uid: 'a1' });
    expect(pong).toEqual({ type: 'pong' });
    expect(old).toEqual(failed);
    await expect(other.closed).resolves.toMatchObject({ code: 1005 });
    expect(renewed.status).toBe(200);
  });

  it('signs the socket in until its sign-in ends', async () => {
    const { refresh_token } = await login();
    const client = await connect();
    const answer = await client.ask({ type: 'auth', refresh_token });

    await send(app(), '/auth/logout', { body: { refresh_token: answer.refresh_token } });

    await expect(client.next()).resolves.toMatchObject({ type: 'auth', error: { code: 'TOKEN_EXPIRED' } });
    const { refresh_token: another } = await login();
    await expect(client.ask({ type: 'auth', refresh_token: another })).resolves.toMatchObject({ status: 'ok' });
  });
});

describe('a password over the socket', () => {
  const app = useTestApp({ ACCESS_TOKEN_TTL: '2s' });
  const credentials = { email: 'admin@example.com', password: 'admin-password' };

  it('begins a sign-in like any other, and the socket expires with its access token', async () => {
    const client = await connectRealtime(`${app().url}/websocket`);

    const answer = await client.ask({ type: 'auth', ...credentials });
    const expired = await client.next();
    const again = await client.ask({ type: 'auth', refresh_token: answer.refresh_token });

    expect(answer).toEqual({ type: 'auth', status: 'ok', refresh_token: expect.any(String) });
    expect(expired).toMatchObject({ type: 'auth', status: 'error', error: { code: 'TOKEN_EXPIRED' } });
    expect(again).toEqual({ type: 'auth', status: 'ok', refresh_token: expect.any(String) });
    const renewed = await send(app(), '/auth/refresh', { body: { refresh_token: again.refresh_token } });
    expect(renewed.status).toBe(200);
    await expect(app().db.prisma.session.count()).resolves.toBe(1);
  });
});
