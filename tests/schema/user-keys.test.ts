import { beforeAll, describe, expect, it } from '@jest/globals';
import { createUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, type Reply, send } from '../support/client.ts';

const app = useTestApp();
/** The keys of one user. In addition, two users have the same text as keys of different kinds. */
const named = { external_id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', username: 'named', email: 'named@example.com' };
let id = '';
beforeAll(async () => {
  const context = app().contextOf(app().people.admin);
  [id = ''] = await createUsers(context, [{ ...named }, { external_id: 'shared' }, { username: 'shared' }]);
});

const run = (query: string, variables: object) => graphql(app(), app().people.admin, query, { ...variables });
const rest = (path: string, options: object = {}) => send(app(), path, { as: app().people.admin, ...options });
const errorsOf = ({ body }: Reply) => body.errors ?? [];
/** Looks a user up by a key through one operation: the id of the user that it found, and the reply. */
type Lookup = (key: string) => Promise<{ readonly found: unknown; readonly reply: Reply }>;

/** A lookup through a GraphQL document; `read` takes the id of the user from its data. */
const byGraphql =
  // biome-ignore lint/suspicious/noExplicitAny: each document has its own shape of data
    (query: string, variablesOf: (key: string) => object, read: (data: any) => unknown): Lookup =>
    async (key) => {
      const reply = await run(query, variablesOf(key));
      return { reply, found: reply.body.data && !reply.body.errors ? read(reply.body.data) : undefined };
    };
/** A lookup through a REST route; `read` takes the id of the user from its data. */
const byRest =
  // biome-ignore lint/suspicious/noExplicitAny: each route has its own shape of data
    (request: (key: string) => Promise<Reply>, read: (data: any) => unknown): Lookup =>
    async (key) => {
      const reply = await request(key);
      return { reply, found: reply.status < 300 ? read(reply.body.data) : undefined };
    };
const path = (key: string) => `/users/${encodeURIComponent(key)}`;
const create =
  'mutation ($data: create_directus_notifications_input!) { row: create_notifications_item(data: $data) { recipient { id } sender { id } id } }';
const template = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
const message = { template, labels: { name: 'dev', reason: 'idle' }, dedupe: false };
/** A key as a value of the scalar directus_users_key: a text, or an object if the text is JSON of one. */
const keyOf = (key: string): unknown => (key.startsWith('{') ? JSON.parse(key) : key);

const lookups: Readonly<Record<string, Lookup>> = {
  users_by_id: byGraphql(
    'query ($id: ID!) { row: users_by_id(id: $id) { id } }',
    (key) => ({ id: key }),
    ({ row }) => row.id,
  ),
  'a filter of users': byGraphql(
    'query ($filter: directus_users_filter) { rows: users(filter: $filter) { id } }',
    (key) => ({ filter: { id: { _in: [key] } } }),
    ({ rows }) => rows[0]?.id,
  ),
  'a recipient': byGraphql(
    create,
    (key) => ({ data: { recipient: keyOf(key), subject: 'x' } }),
    ({ row }) => row.recipient.id,
  ),
  'a sender': byGraphql(
    create,
    (key) => ({ data: { recipient: id, sender: keyOf(key), subject: 'x' } }),
    ({ row }) => row.sender.id,
  ),
  'recipients of a message': byGraphql(
    'mutation ($data: send_notification_input!) { rows: send_notification(data: $data) { user_id } }',
    (key) => ({ data: { ...message, recipients: [key] } }),
    ({ rows }) => rows[0]?.user_id,
  ),
  'a filter of deliveries': byGraphql(
    'query ($user: ID) { rows: notification_deliveries(filter: { user: $user }) { user_id } }',
    (key) => ({ user: key }),
    ({ rows }) => rows[0]?.user_id,
  ),
  'a filter by recipient': byGraphql(
    'query ($filter: directus_notifications_filter) { rows: notifications(filter: $filter, limit: 1) { recipient { id } } }',
    (key) => ({ filter: { _and: [{ recipient: { id: { _eq: key } } }] } }),
    ({ rows }) => rows[0]?.recipient.id,
  ),
  preferences: byGraphql(
    'mutation ($user: String, $map: JSON!) { rows: update_notification_preferences(user: $user, template_disabled_map: $map) { id } }',
    (key) => ({ user: key, map: { [template]: false } }),
    ({ rows }) => rows[0]?.id.split(':')[0],
  ),
  'a changed user': byGraphql(
    'mutation ($id: ID!) { row: update_users_item(id: $id, data: { title: "Dr" }) { id } }',
    (key) => ({ id: key }),
    ({ row }) => row.id,
  ),
  'changed users': byGraphql(
    'mutation ($ids: [ID]!) { rows: update_users_items(ids: $ids, data: { title: "Dr" }) { id } }',
    (key) => ({ ids: [key] }),
    ({ rows }) => rows[0]?.id,
  ),
  tokens: byGraphql(
    'mutation ($user: ID, $name: String!) { row: create_access_token(data: { user: $user, name: $name }) { user_id } }',
    (key) => ({ user: key, name: `t-${Math.random()}` }),
    ({ row }) => row.user_id,
  ),
  'GET /users/:id': byRest(
    (key) => rest(path(key)),
    ({ id: read }) => read,
  ),
  'PATCH /users/:id': byRest(
    (key) => rest(path(key), { method: 'PATCH', body: { title: 'Prof' } }),
    ({ id: read }) => read,
  ),
  'POST /notifications': byRest(
    (key) => rest('/notifications', { body: { recipient: keyOf(key), subject: 'x' } }),
    ({ recipient }) => recipient,
  ),
  'GET /notifications by recipient': byRest(
    (key) =>
      rest(`/notifications?limit=1&filter=${encodeURIComponent(JSON.stringify({ recipient: { _eq: keyOf(key) } }))}`),
    (rows) => rows[0]?.recipient,
  ),
};
/** The lookups by a filter, in which a UUID is compared with ids only, not with external ids. */
const filters = new Set(['a filter of users', 'a filter by recipient', 'GET /notifications by recipient']);

describe.each(Object.keys(lookups))('%s', (name) => {
  const ask = (key: string) => lookups[name]?.(key) ?? Promise.reject(new Error('no such lookup'));
  // A delivery and a notification that filters can find.
  beforeAll(async () => {
    await lookups['recipients of a message']?.(id);
    await lookups['a recipient']?.(id);
  });

  it('finds a user by each key, given as text and in an object', async () => {
    const texts = [id, id.toUpperCase(), ...(filters.has(name) ? [] : [named.external_id]), 'NAMED', named.email];
    const objects = Object.entries({ id, ...named }).map(([kind, value]) => JSON.stringify({ [kind]: value }));
    for (const key of [...texts, ...objects])
      expect({ key, found: (await ask(key)).found }).toEqual({ key, found: id });
  });

  it('refuses a text that is a key of two users, naming both kinds of key', async () => {
    const { reply } = await ask('shared');

    expect(errorsOf(reply)[0].message).toMatch(/external_id.*username/);
    if (!('data' in reply.body)) expect(reply.status).toBe(400);
  });

  it('refuses a key that no user has, also if the text is a key of another kind', async () => {
    for (const key of ['nobody', '{"username":"named@example.com"}', '{"email":"a\\u0000"}', 'x'.repeat(300)]) {
      const { reply, found } = await ask(key);
      expect({ key, found }).toEqual({ key, found: undefined });
      expect(errorsOf(reply)).toHaveLength(1);
      expect(errorsOf(reply)[0].extensions.code).not.toBe('INTERNAL_SERVER_ERROR');
    }
  });
});
