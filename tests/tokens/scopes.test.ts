import { describe, expect, it } from '@jest/globals';
import { type Scope, userViewer } from '../../src/auth/viewer.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { createAccessToken } from '../../src/tokens/access-tokens.ts';
import { failureOf } from '../notifications/people.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp();
let made = 0;

/** Creates a token of the admin or of Alice with these scopes. */
async function aToken(scopes: readonly Scope[] | null, of: 'admin' | 'alice' = 'admin') {
  const { admin, [of]: owner } = app().people;
  made += 1;
  const input = { user: owner.id, name: `number ${made}`, scopes };
  return createAccessToken(app().contextOf(admin), input);
}

const inbox = '{ inbox { total_count } }';
const log = '{ notification_deliveries { id } }';
const everybody = '{ users { id } }';
const codes = (body: { errors?: readonly { extensions: { code: string } }[] }) =>
  body.errors?.map(({ extensions }) => extensions.code) ?? [];

describe('a token with scopes', () => {
  it('may do what its scopes allow; a refusal names its scopes', async () => {
    const token = await aToken(['inbox']);

    expect(codes((await graphql(app(), token, inbox)).body)).toEqual([]);
    const refused = (await graphql(app(), token, log)).body;
    expect(codes(refused)).toEqual(['FORBIDDEN']);
    expect(refused.errors[0].message).toMatch(/The token is limited to: inbox\.$/);
  });

  it('with the scope inbox, reads only notifications of its own user, also if that is an admin', async () => {
    const { admin, alice } = app().people;
    await createNotifications(app().contextOf(admin), [
      { recipient: alice.id, subject: 'Hers' },
      { recipient: admin.id, subject: 'His' },
    ]);
    const token = await aToken(['inbox']);

    const { body } = await send(app(), '/notifications?fields=recipient', { as: token });

    expect(body.data).toEqual([{ recipient: admin.id }]);
  });

  it('with the scope send, sends notifications and reads no inbox', async () => {
    const token = await aToken(['send']);
    const { alice } = app().people;

    const sent = await send(app(), '/notifications', { as: token, body: { recipient: alice.id, subject: 'News' } });

    expect(sent.status).toBe(200);
    expect((await send(app(), '/notifications', { as: token })).status).toBe(403);
    expect(codes((await graphql(app(), token, inbox)).body)).toEqual(['FORBIDDEN']);
  });

  it('with the scope users, changes members, but no passwords, roles or tokens, and no user with a higher role', async () => {
    const token = await aToken(['users']);
    const { alice, admin } = app().people;
    const change = (id: string, body: object) =>
      send(app(), `/users/${id}`, { as: token, method: 'PATCH', body }).then(({ status }) => status);

    expect(await change(alice.id, { location: 'Bonn' })).toBe(200);
    expect(await change(alice.id, { password: 'a-new-password' })).toBe(403);
    expect(await change(alice.id, { role: 'admin' })).toBe(403);
    expect(await change(alice.id, { token: 'a-token-of-her-own' })).toBe(403);
    expect(await change(admin.id, { email: 'thief@example.com' })).toBe(403);
    const made = await send(app(), '/users', { as: token, body: { email: 'new@example.com', role: 'admin' } });
    expect(made.status).toBe(403);
    expect((await graphql(app(), app().people.admin, everybody)).body.data.users).toHaveLength(3);
  });

  it('with the scope users, deletes no user with a higher role than member', async () => {
    const token = await aToken(['users']);
    const [other] = (
      await send(app(), '/users', { as: app().people.admin, body: [{ email: 'other@example.com', role: 'admin' }] })
    ).body.data;

    const status = (await send(app(), `/users/${other.id}`, { as: token, method: 'DELETE' })).status;

    expect(status).toBe(403);
    expect((await send(app(), `/users/${other.id}`, { as: app().people.admin, method: 'DELETE' })).status).toBe(204);
  });

  it('with the scope admin, does everything that the role of its user allows', async () => {
    expect(codes((await graphql(app(), await aToken(['admin']), log)).body)).toEqual([]);
    expect(codes((await graphql(app(), await aToken(['admin'], 'alice'), log)).body)).toEqual(['FORBIDDEN']);
  });

  it('creates no token with a scope that it lacks', async () => {
    const { admin, alice } = app().people;
    const limited = (scopes: readonly Scope[]) => ({
      ...app().contextOf(admin),
      viewer: userViewer(admin.id, 'admin', { kind: 'access_token', id: null, scopes, expires_at: null }),
    });
    const create = (own: readonly Scope[], scopes: readonly Scope[] | null) => {
      made += 1;
      return createAccessToken(limited(own), { user: alice.id, name: `number ${made}`, scopes });
    };

    expect(await create(['users', 'inbox'], ['inbox'])).toMatchObject({ scopes: ['inbox'] });
    expect(await create(['admin'], null)).toMatchObject({ scopes: null });
    for (const scopes of [null, ['send'], ['inbox', 'send'], ['admin']] as const) {
      expect(await failureOf(create(['users', 'inbox'], scopes))).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await failureOf(create(['inbox'], ['inbox']))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(create(['admin'], []))).toMatchObject({ code: 'FAILED_VALIDATION' });
  });
});

describe('access tokens over GraphQL', () => {
  const createOne = `mutation ($data: create_access_token_input!) {
    create_access_token(data: $data) { id token scopes expires_at user_id } }`;

  it('are created for oneself, shown once, listed with their scopes and revoked', async () => {
    const { admin } = app().people;
    const data = { name: 'laptop', scopes: ['send', 'inbox'] };

    const created = (await graphql(app(), admin, createOne, { data })).body.data.create_access_token;
    const listed = (await graphql(app(), admin, '{ access_tokens { id token scopes } }')).body.data.access_tokens;
    const revoke = 'mutation ($id: ID!) { revoke_access_token(id: $id) { id } }';
    const revoked = (await graphql(app(), admin, revoke, { id: created.id })).body.data.revoke_access_token;

    expect(created).toMatchObject({ user_id: admin.id, scopes: ['inbox', 'send'], expires_at: null });
    expect(listed).toContainEqual({ id: created.id, token: null, scopes: ['inbox', 'send'] });
    expect(revoked).toEqual({ id: created.id });
    expect((await graphql(app(), created, inbox)).status).toBe(401);
  });
});
