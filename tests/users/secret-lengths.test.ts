import { describe, expect, it } from '@jest/globals';
import { tokenHash } from '../../src/auth/token-hash.ts';
import { createUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';
import { connectRealtime } from '../support/realtime-client.ts';

describe('secrets that are too short', () => {
  const app = useTestApp();
  const faultOf = (field: string, text: RegExp) => ({
    message: expect.stringMatching(text),
    extensions: expect.objectContaining({ code: 'FAILED_VALIDATION', field }),
  });
  const shortToken = faultOf('token', /"token": must have 16 to 255 visible ASCII characters/);
  const shortPassword = faultOf('password', /"password": must have 8 to 1000 characters/);

  it.each([
    ['POST', '/users', { token: 'x'.repeat(15) }, shortToken],
    ['POST', '/users', [{ email: 'good@example.com' }, { password: '1234567' }], shortPassword],
    ['PATCH', '/users/me', { password: '1234567' }, shortPassword],
    ['PATCH', '/users', { query: { limit: -1 }, data: { token: 'short' } }, shortToken],
  ])('short secrets are refused by name over REST: %s %s %j', async (method, path, body, fault) => {
    const reply = await send(app(), path, { as: app().people.admin, method, body });

    expect(reply.status).toBe(400);
    expect(reply.body.errors).toEqual([fault]);
  });

  it.each([
    ['create_users_item(data: { token: "short" }) { id }', shortToken],
    ['create_users_items(data: [{ password: "1234567" }]) { id }', shortPassword],
    ['a: update_users_me(data: { password: "1234567" }) { id }', shortPassword],
  ])('short secrets are refused by name over GraphQL: %s', async (field, fault) => {
    const { body } = await graphql(app(), app().people.admin, `mutation { ${field} }`);

    expect(body.errors).toEqual([expect.objectContaining(fault)]);
  });

  it('short secrets stored by an earlier version stay valid on every face', async () => {
    const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ token: 'a-token-of-today' }]);
    await app().db.prisma.accessToken.updateMany({ where: { user_id: id }, data: { sha256: tokenHash('old') } });
    const as = { id, token: 'old' };

    const changed = await send(app(), '/users/me', {
      as,
      method: 'PATCH',
      body: { language: 'de-DE', token: undefined },
    });
    const coder = await send(app(), '/api/v2/notifications/settings', { as });
    const client = await connectRealtime(`${app().url}/websocket`);
    const answer = await client.ask({ type: 'auth', access_token: 'old' });
    client.socket.close();

    expect([changed.status, coder.status, answer.status]).toEqual([200, 200, 'ok']);
  });

  it('short secrets may be written back in masked form', async () => {
    const { admin } = app().people;
    const { body } = await send(app(), '/users/me?fields=token,password', { as: admin });

    expect(await send(app(), '/users/me', { as: admin, method: 'PATCH', body: body.data })).toMatchObject({
      status: 200,
    });
  });
});
