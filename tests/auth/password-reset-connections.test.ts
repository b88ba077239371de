import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { updateUsers } from '../../src/users/write.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { send } from '../support/client.ts';
import { tokenOfMail } from '../support/password-reset.ts';
import { closeClients, connectRealtime } from '../support/realtime-client.ts';

const email = 'alice@example.com';
const password = 'password-of-alice';
const environment = { TRUST_PROXY: 'loopback', WEBSOCKETS_REST_AUTH: 'public' };

describe('resetting a password', () => {
  let app: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    app = await startTestApp(environment);
    other = await startTestApp(environment, { nodeOf: app });
  }, 60_000);
  afterAll(async () => {
    await other?.stop();
    await app?.stop();
  });
  afterEach(closeClients);

  let mails = 0;
  /** The token of a link that was asked for at one node. */
  async function askedAt(node: TestApp): Promise<string> {
    mails += 1;
    await updateUsers(app.contextOf(app.people.admin), [app.people.alice.id], { password });
    const headers = { 'x-forwarded-for': `10.0.0.${mails}` };
    await send(node, '/auth/password/request', { body: { email }, headers });
    return tokenOfMail(app.db, app.people.alice.id, mails);
  }
  const reset = (node: TestApp, token: string, word: string) =>
    send(node, '/auth/password/reset', { body: { token, password: word } });
  const login = async (node: TestApp, word: string) =>
    (await send(node, '/auth/login', { body: { email, password: word } })).body.data;

  it('works at another node than the one that was asked, and once in all', async () => {
    const token = await askedAt(app);

    const replies = await Promise.all([reset(app, token, 'the first word'), reset(other, token, 'the second word')]);

    expect(replies.map(({ status }) => status).sort()).toEqual([204, 403]);
    const winner = replies[0]?.status === 204 ? 'the first word' : 'the second word';
    await expect(login(other, winner)).resolves.toMatchObject({ access_token: expect.any(String) });
  });

  it('ends all sign-ins, and the sockets and streams that were opened with them, at all nodes', async () => {
    const token = await askedAt(app);
    const { access_token, refresh_token } = await login(other, password);
    const authorization = `Bearer ${access_token}`;
    const byToken = await connectRealtime(`${other.url}/websocket?access_token=${access_token}`);
    const byPassword = await connectRealtime(`${app.url}/websocket`);
    await byPassword.ask({ type: 'auth', email, password });
    const query = 'subscription { inbox_changes { kind } }';
    const stream = await fetch(`${app.url}/graphql/system?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'text/event-stream', authorization },
    });
    const ended = stream.text().catch(() => 'cut');

    const { status } = await reset(app, token, 'a new password');

    expect(status).toBe(204);
    for (const node of [app, other]) {
      // Another node may keep the viewer of a token for two seconds.
      const asked = async () => (await send(node, '/users/me', { headers: { authorization } })).status;
      while ((await asked()) !== 401) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await byToken.next();
    await byPassword.next();
    await ended;
    const refreshed = await send(other, '/auth/refresh', { body: { refresh_token } });
    expect(refreshed.status).toBe(401);
  }, 60_000);

  it('leaves the tokens of programs valid', async () => {
    const token = await askedAt(other);

    await reset(other, token, 'a new password');

    await expect(send(app, '/users/me', { as: app.people.alice })).resolves.toMatchObject({ status: 200 });
  });
});
