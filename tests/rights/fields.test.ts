import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isInputObjectType, isObjectType } from 'graphql';
import type { Action } from '../../src/auth/rights.ts';
import { schema } from '../../src/schema/schema.ts';
import { graphql } from '../support/client.ts';
import { askGraphQL, callerNames, createWorld, viewerOf, type World } from './callers.ts';
import { inputFields, objectFields } from './field-rows.ts';
import { isAllowed } from './row.ts';

const words = (text: string) => text.split(' ').filter((word) => word !== '');
const roots = new Set(['Query', 'Mutation', 'Subscription']);
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__') && !roots.has(name));

/** Fields of a user that are written, with a value that changes nothing or is refused as invalid. */
const written: Readonly<Record<string, unknown>> = {
  id: 'invalid',
  email: 'invalid',
  status: 'invalid',
  role: 'invalid',
  password: 'a-new-password',
  token: 'a-new-token-of-the-user',
  email_notifications: true,
  avatar: 'invalid',
};

describe('the rights of fields', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  it('every field of an object has a row: to add one, name it in field-rows.ts', () => {
    const fields = types.filter(isObjectType).map((type) => [type.name, Object.keys(type.getFields()).sort()]);

    const named = Object.entries(objectFields).map(([name, { plain, secret = '' }]) => [
      name,
      [...words(plain), ...words(secret)].sort(),
    ]);
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(fields));
  });

  it('every input field has a row: to add one, name it in field-rows.ts', () => {
    const fields = types.filter(isInputObjectType).map((type) => [type.name, Object.keys(type.getFields()).sort()]);

    const named = Object.entries(inputFields).map(([name, rows]) => [name, Object.values(rows).flatMap(words).sort()]);
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(fields));
  });

  it('nobody reads a secret of a user', async () => {
    const secrets = words(objectFields['directus_users']?.secret ?? '');
    for (const { token, id } of world.callers) {
      if (token === undefined) continue;
      const { body } = await graphql(world.app, { id, token }, `{ users(limit: -1) { ${secrets.join(' ')} } }`);
      const values = (body.data?.users ?? []).flatMap((user: object) => Object.values(user));
      expect(values.filter((value: unknown) => value !== null && !/^\*+$/.test(String(value)))).toEqual([]);
    }
  });

  const cases = Object.entries(inputFields['update_directus_users_input'] ?? {}).flatMap(([action, names]) =>
    words(names).map((field) => [field, action] as const),
  );
  it.each(cases)('a field of users is written by those who may: %s (%s)', async (field, action) => {
    const observed: string[] = [];
    const literal = JSON.stringify(field in written ? written[field] : null);
    const isOfCredentials = action === 'users.set_credentials' || field === 'password';
    for (const caller of world.callers) {
      const change = `mutation { result: update_users_item(id: "${world.other.id}", data: { ${field}: ${literal} }) { id } }`;
      if ((await askGraphQL(world, caller, change)) === 'allowed') observed.push(caller.name);
    }

    const needed: Action = isOfCredentials ? 'users.set_credentials' : 'users.update_all';
    expect(observed).toEqual(callerNames.filter((name) => isAllowed(viewerOf(name), needed)));
  });
});
