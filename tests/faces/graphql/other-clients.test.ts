import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const app = useTestApp();

const created = async (subject: string): Promise<string> => {
  const { admin, bob } = app().people;
  const { body } = await send(app(), '/notifications', { as: admin, body: { recipient: bob.id, subject } });
  return String(body.data.id);
};

describe('a request over HTTP', () => {
  it.each([
    [{ id: 7 }],
    [{ documentId: 'abc', id: null }],
    [{ doc_id: '1', lsd: 'x', server_timestamps: true }],
    [{ extensions: {}, key: { a: [] } }],
  ])('further keys of a GraphQL request are ignored: %j', async (more) => {
    const { alice } = app().people;
    const query = '{ users_me { id } }';

    const posted = await send(app(), '/graphql/system', {
      as: alice,
      body: { ...more, query, variables: {} },
    });

    expect(posted).toMatchObject({ status: 200, body: { data: { users_me: { id: alice.id } } } });
  });

  it('a GraphQL request without a document is refused, whatever other keys it has', async () => {
    const reply = await send(app(), '/graphql/system', { as: app().people.alice, body: { documentId: 'abc' } });

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }] } });
  });

  it('a GraphQL request may be a form', async () => {
    const reply = await send(app(), '/graphql/system', {
      as: app().people.alice,
      body: `query=${encodeURIComponent('{ users_me { id } }')}&id=1`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

    expect(reply).toMatchObject({ status: 200, body: { data: { users_me: { id: app().people.alice.id } } } });
  });
});

describe('an update with the types of the Directus documentation', () => {
  const item = `mutation ($id: ID!, $data: update_directus_notifications_input) {
    changed: update_notifications_item(id: $id, data: $data) { subject } }`;
  const items = `mutation ($ids: [ID!]!, $data: update_directus_notifications_input) {
    changed: update_notifications_items(ids: $ids, data: $data) { subject } }`;
  const user = `mutation ($id: ID!, $data: update_directus_users_input) {
    changed: update_users_item(id: $id, data: $data) { language } }`;
  const users = `mutation ($ids: [ID!]!, $data: update_directus_users_input) {
    changed: update_users_items(ids: $ids, data: $data) { language } }`;
  const me = 'mutation ($data: update_directus_users_input) { changed: update_users_me(data: $data) { language } }';

  it('an update with an optional data argument changes the given fields', async () => {
    const { admin, bob } = app().people;
    const id = await created('before');
    const run = async (document: string, variables: object) => {
      const { body } = await graphql(app(), admin, document, { ...variables });
      return body;
    };

    expect(await run(item, { id, data: { subject: 'one' } })).toEqual({ data: { changed: { subject: 'one' } } });
    expect(await run(items, { ids: [id], data: { subject: 'two' } })).toEqual({
      data: { changed: [{ subject: 'two' }] },
    });
    expect(await run(user, { id: bob.id, data: { language: 'de' } })).toEqual({
      data: { changed: { language: 'de' } },
    });
    expect(await run(users, { ids: [bob.id], data: { language: 'fr' } })).toEqual({
      data: { changed: [{ language: 'fr' }] },
    });
    expect(await run(me, { data: { language: 'es' } })).toEqual({ data: { changed: { language: 'es' } } });
  });

  it.each([
    ['a notification', item],
    ['notifications', items],
    ['a user', user],
    ['users', users],
    ['the viewer', me],
  ])('an update without data is refused: %s', async (_what, document) => {
    const { admin, bob } = app().people;
    const id = document.includes('users') ? bob.id : await created('same');
    const ids = document.includes('$ids') ? { ids: [id] } : document.includes('$id') ? { id } : {};

    for (const data of [{ data: null }, {}]) {
      const { status, body } = await graphql(app(), admin, document, { ...ids, ...data });
      expect(status).toBe(200);
      expect(body.errors).toMatchObject([
        { message: expect.stringContaining('"data"'), extensions: { code: 'INVALID_PAYLOAD' } },
      ]);
    }
  });
});
