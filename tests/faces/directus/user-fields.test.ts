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
    ['a role both as key and by fields', 'role,role.name', { role: { name: 'member' } }],
    [
      'fields of a role that this service does not have',
      'role.icon,role.parent,role.policies',
      { role: { icon: null, parent: null, policies: null } },
    ],
    ['fields of a missing avatar', 'avatar.id,avatar.modified_on', { avatar: null }],
    ['policies', 'policies', { policies: null }],
    ['parts of policies', 'policies.id,policies.policy', { policies: null }],
    ['last page and provider', 'last_page,provider', { last_page: null, provider: null }],
    [
      'appearance and theme',
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
      'fields about sign-in',
      'tfa_secret,external_identifier,auth_data,tags',
      {
        tfa_secret: null,
        external_identifier: null,
        auth_data: null,
        tags: null,
      },
    ],
  ])('a member may select %s', async (_what, fields, expected) => {
    expect(await get('alice', `/users/me?fields=${fields}`)).toMatchObject({ status: 200, body: { data: expected } });
    const { body } = await get('alice', `/users/me?fields=${fields}`);
    expect(body.data).toEqual(expected);
  });

  it('fields of roles and avatars are selected in lists, in single users and below notifications', async () => {
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

  it('* has role and avatar as keys, and *.* has them as objects', async () => {
    const { body } = await get('bob', '/users/me?fields=*');

    expect(body.data).toMatchObject({ role: 'member', avatar });
    expect(body.data).not.toHaveProperty('provider');
    expect((await get('bob', '/users/me?fields=*.*')).body.data).toMatchObject({
      role: { id: 'member' },
      avatar: { id: avatar },
    });
  });

  it('fields of users may have aliases', async () => {
    const { body } = await get('alice', '/users/me?fields=may.name,page&alias[may]=role&alias[page]=last_page');

    expect(body.data).toEqual({ may: { name: 'member' }, page: null });
  });

  it.each(['token', 'email_notifications', 'last_access', 'nope', 'role.nope', 'email.nope', 'last_page.nope'])(
    '/users/me with the forbidden field %s returns only the id',
    async (denied) => {
      const { body } = await get('alice', `/users/me?fields=email,${denied}`);

      expect(body.data).toEqual({ id: app().people.alice.id });
    },
  );

  it('a list of users with a forbidden field is refused', async () => {
    expect(await get('alice', '/users?fields=role.nope')).toMatchObject({ status: 403 });
  });

  it('GraphQL has the same fields of users', async () => {
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
  // The fields that versions of the Directus app select; each version begins with *.
  it.each<[string, string[]]>([
    ['with the fields that the app selects', ['*', 'avatar.*', 'role.*']],
    [
      'with the fields that a later app selects',
      ['*', 'avatar.id', 'role.admin_access', 'role.app_access', 'role.id', 'role.enforce_tfa'],
    ],
    [
      'with separate fields',
      ['email', 'last_page', 'provider', 'theme_light', 'tfa_secret', 'text_direction', 'policies'],
    ],
  ])('the Directus SDK reads the e-mail address of a member %s', async (_what, fields) => {
    // The types of the installed version do not have the field names of other versions.
    const me = await clientOf('alice').request(readMe({ fields: fields as ['*'] }));

    expect(me['email']).toBe('alice@example.com');
  });

  it('the Directus SDK reads nested roles', async () => {
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
