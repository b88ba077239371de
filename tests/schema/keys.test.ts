import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type GraphQLOutputType,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { createNotifications } from '../../src/notifications/write.ts';
import { schema } from '../../src/schema/schema.ts';
import { type Person, startTestApp, type TestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

/**
 * A deleted object has no other fields, so merging two in a cache loses nothing. An operation on an inbox is returned
 * only once.
 */
const exempt = ['delete_one', 'inbox_operations'];

/** Reads all objects of a type that the viewer can reach, with the fields that distinguish them. */
const reads: Readonly<Record<string, string>> = {
  access_tokens: 'query ($user: ID) { rows: access_tokens(user: $user) { id user_id name } }',
  audit_entries: '{ rows: audit_log { id at action } }',
  directus_files: '{ rows: users { row: avatar_object { id } } }',
  directus_notifications: '{ rows: notifications(limit: -1) { id uuid } }',
  directus_roles: '{ rows: users { row: role_object { id name } } }',
  directus_users: '{ rows: users(limit: -1) { id email } }',
  sessions: 'query ($user: ID) { rows: sessions(user: $user) { id user_id } }',
  signing_keys: '{ rows: signing_keys { id created_at } }',
  notification_deliveries: '{ rows: notification_deliveries { id user_id template_id method } }',
  notification_preferences: `query ($user: String) {
    rows: notification_preferences(user: $user) { id template_id disabled } }`,
  notification_templates: '{ rows: notification_templates { id name } }',
};

const isId = (type: GraphQLOutputType) =>
  isNonNullType(type) && getNamedType(type).name === 'ID' && !isListType(type.ofType);

describe('docs/graphql-clients.md', () => {
  const page = readFileSync(new URL('../../docs/graphql-clients.md', import.meta.url), 'utf8');
  const section = (title: string) => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

  it('docs/graphql-clients.md maps every custom scalar', () => {
    const scalars = types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type)).map(({ name }) => name);

    const mapped = [...section('Scalars').matchAll(/^ +(\w+): '/gm)].map(([, name]) => name);
    const inRelay = [...section('Relay').matchAll(/^ {4}"(\w+)":/gm)].map(([, name]) => name);
    expect(mapped).toEqual(expect.arrayContaining(scalars));
    expect(inRelay.sort()).toEqual(scalars.sort());
  });
});

describe('the key of a type', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
    const { admin, alice, bob } = app.people;
    const context = app.contextOf(admin);
    for (let count = 0; count < 2; count += 1) await context.signingKeys.rotate();
    await createNotifications(
      context,
      [alice, bob, admin].map(({ id }) => ({ recipient: id, subject: 'One each' })),
    );
    for (const person of [alice, bob]) {
      const change = `mutation { update_users_item(id: "${person.id}", data: { avatar: "${person.id}" }) { id } }`;
      await graphql(app, admin, change);
    }
    await graphql(app, admin, 'mutation { send_test_notification }');
    await graphql(app, alice, 'mutation { send_custom_notification(title: "By Alice", message: "Hello") }');
    const signIn = 'mutation { auth_login(email: "admin@example.com", password: "admin-password") { expires } }';
    for (let count = 0; count < 2; count += 1) await graphql(app, undefined, signIn);
    for (const person of [alice, bob]) await send(app, '/users/me/export', { as: person });
    const { body } = await graphql(app, admin, '{ notification_templates(kind: "system") { id } }');
    const ids: string[] = body.data.notification_templates.map(({ id }: { readonly id: string }) => id);
    for (const [index, person] of [admin, alice, bob].entries()) {
      await graphql(
        app,
        person,
        'mutation ($map: JSON!) { update_notification_preferences(template_disabled_map: $map) { id } }',
        { map: Object.fromEntries(ids.map((id, position) => [id, position % 2 === index % 2])) },
      );
    }
  });
  afterAll(() => app.stop());

  it('every type with a key is checked here', () => {
    const types = Object.values(schema.getTypeMap()).filter((type) => {
      const field = isObjectType(type) ? type.getFields()['id'] : undefined;
      return field !== undefined && isId(field.type);
    });

    expect(types.map(({ name }) => name).sort()).toEqual([...Object.keys(reads), ...exempt].sort());
  });

  it.each(Object.entries(reads))('a key means the same object for every viewer: %s', async (_type, document) => {
    const { admin, alice, bob } = app.people;
    const things = new Map<string, string>();
    const read = async (person: Person, user?: string) => {
      const { body } = await graphql(app, person, document, document.includes('$user') ? { user } : {});
      for (const { row: inner, ...outer } of body.data?.rows ?? []) {
        const row = inner === undefined ? outer : inner;
        if (row === null) continue;
        const known = things.get(row.id) ?? JSON.stringify(row);
        things.set(row.id, known);
        expect(JSON.stringify(row)).toBe(known);
      }
    };

    for (const person of [admin, alice, bob]) await read(person, 'me');
    for (const { id } of [admin, alice, bob]) await read(admin, id);

    expect(things.size).toBeGreaterThan(1);
    expect(new Set(things.values()).size).toBe(things.size);
  });
});
