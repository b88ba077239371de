import { createDirectus, readMe, readUsers, rest, staticToken } from '@directus/sdk';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const app = useTestApp();
const avatar = 'a0a0a0a0-0000-4000-8000-000000000001';
type Name = 'admin' | 'alice' | 'bob';
const get = (name: Name, path: string) => send(app(), path, { as: app().people[name] });
const clientOf = (name: Name) => createDirectus(app().url).with(staticToken(app().people[name].token)).with(rest());

beforeAll(async () => {
  const { admin, bob } = app().people;
  await send(app(), `/users/${bob.id}`, { as: admin, method: 'PATCH', body: { avatar } });
});

describe('the fields of users that clients of Directus ask for', () => {
  it.each<[string, string, unknown]>([
    ['a plain role', 'role', { role: 'member' }],
    ['parts of a role', 'role.id,role.name', { role: { id: 'member', name: 'member' } }],
    ['a role as a whole', 'role.*', { role: { id: 'member', name: 'member', admin_access: false, app_access: true } }],
    ['a role that is asked for in both ways', 'role,role.name', { role: { name: 'member' } }],
    [
      'what a role does not have here',
      'role.icon,role.parent,role.policies',
      { role: { icon: null, parent: null, policies: null } },
    ],
    ['an avatar that is not there', 'avatar.id,avatar.modified_on', { avatar: null }],
    ['policies', 'policies', { policies: null }],
    ['parts of policies', 'policies.id,policies.policy', { policies: null }],
    ['where they were last', 'last_page,provider', { last_page: null, provider: null }],
    [
      'how it looks',
      'appearance,theme_light,theme_dark,theme_light_overrides,theme_dark_overrides,text_direction',
      {
        appearance: null,
        theme_light: null,
        theme_dark: null,
        theme_light_overrides: null,
        theme_dark_overrides: null,
        text_direction: null,
      },
    ],
    [
      'how they sign in',
      'tfa_secret,external_identifier,auth_data,tags',
      {
        tfa_secret: null,
        external_identifier: null,
        auth_data: null,
        tags: null,
      },
    ],
  ])('are answered to a member: %s', async (_what, fields, expected) => {
    expect(await get('alice', `/users/me?fields=${fields}`)).toMatchObject({ status: 200, body: { data: expected } });
    const { body } = await get('alice', `/users/me?fields=${fields}`);
    expect(body.data).toEqual(expected);
  });

  it('are in lists, in single users and below notifications', async () => {
    const { admin, bob } = app().people;
    const shown = { role: { name: 'member' }, avatar: { id: avatar, type: null }, provider: null };
    const fields = ['role.name', 'avatar.id', 'avatar.type', 'provider'];
    await send(app(), '/notifications', { as: admin, body: { recipient: bob.id, subject: 'x' } });

    const list = await get('admin', `/users?fields=${fields}&filter[id][_eq]=${bob.id}`);
    const one = await get('admin', `/users/${bob.id}?fields=${fields}`);
    const below = await get('bob', `/notifications?fields=${fields.map((field) => `recipient.${field}`)}`);

    expect(list.body.data).toEqual([shown]);
    expect(one.body.data).toEqual(shown);
    expect(below.body.data).toEqual([{ recipient: shown }]);
  });

  it('are as they were where everything is asked for', async () => {
    const { body } = await get('bob', '/users/me?fields=*');

    expect(body.data).toMatchObject({ role: 'member', avatar });
    expect(body.data).not.toHaveProperty('provider');
    expect((await get('bob', '/users/me?fields=*.*')).body.data).toMatchObject({
      role: { id: 'member' },
      avatar: { id: avatar },
    });
  });

  it('take aliases', async () => {
    const { body } = await get('alice', '/users/me?fields=may.name,page&alias[may]=role&alias[page]=last_page');

    expect(body.data).toEqual({ may: { name: 'member' }, page: null });
  });

  it.each(['token', 'email_notifications', 'last_access', 'nope', 'role.nope', 'email.nope', 'last_page.nope'])(
    'are the id alone where one of them is denied: %s',
    async (denied) => {
      const { body } = await get('alice', `/users/me?fields=email,${denied}`);

      expect(body.data).toEqual({ id: app().people.alice.id });
    },
  );

  it('are refused in a list where one of them is denied', async () => {
    expect(await get('alice', '/users?fields=role.nope')).toMatchObject({ status: 403 });
  });

  it('are answered over GraphQL', async () => {
    const document = '{ users_me { role role_object { id name } last_page policies { id } theme_dark tfa_secret } }';

    expect((await graphql(app(), app().people.alice, document)).body.data.users_me).toEqual({
      role: 'member',
      role_object: { id: 'member', name: 'member' },
      last_page: null,
      policies: null,
      theme_dark: null,
      tfa_secret: null,
    });
  });
});

describe('the SDK of Directus', () => {
  // What the Directus app asked for in its versions: each of them began with everything.
  it.each<[string, string[]]>([
    ['with what the app asks for', ['*', 'avatar.*', 'role.*']],
    [
      'with what a later app asks for',
      ['*', 'avatar.id', 'role.admin_access', 'role.app_access', 'role.id', 'role.enforce_tfa'],
    ],
    ['with each column', ['email', 'last_page', 'provider', 'theme_light', 'tfa_secret', 'text_direction', 'policies']],
  ])('gets the e-mail of a member %s', async (_what, fields) => {
    // The names of a version are not the types of another.
    const me = await clientOf('alice').request(readMe({ fields: fields as ['*'] }));

    expect(me['email']).toBe('alice@example.com');
  });

  it('gets nested roles', async () => {
    const fields = ['email', { role: ['id', 'name'] }] as const;

    expect(await clientOf('alice').request(readMe({ fields: [...fields] }))).toEqual({
      email: 'alice@example.com',
      role: { id: 'member', name: 'member' },
    });
    expect(await clientOf('admin').request(readUsers({ fields: [...fields], sort: ['email'], limit: 1 }))).toEqual([
      { email: 'admin@example.com', role: { id: 'admin', name: 'admin' } },
    ]);
  });
});
