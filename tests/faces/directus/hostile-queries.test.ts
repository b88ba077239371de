import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { closeClients, connectRealtime } from '../../support/realtime-client.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);
const aliases = (count: number, field = 'subject') => Object.fromEntries(names(count).map((name) => [name, field]));
const invalid = { status: 400, body: { errors: [{ extensions: { code: 'INVALID_QUERY' } }] } };

describe('a query that asks for too many fields', () => {
  const app = useTestApp();
  const search = (query: object, path = '/notifications') =>
    send(app(), path, { as: app().people.admin, method: 'SEARCH', body: { query } });

  it.each([
    ['aliases', { alias: aliases(2000) }],
    ['aliases of a relation', { fields: ['recipient.*'], deep: { recipient: { _alias: aliases(2000) } } }],
    ['fields', { fields: names(501) }],
    ['the same field many times', { fields: names(501).fill('id') }],
    [
      'fields of a relation under many keys',
      { fields: names(100).map((name) => `${name}.*`), alias: aliases(100, 'sender') },
    ],
    ['fields to sort by', { sort: names(501) }],
    ['fields to group by', { groupBy: names(501) }],
    ['fields of an aggregation', { aggregate: { count: names(501) } }],
    ['aggregates', { aggregate: aliases(50_000, '*') }],
    ['keys of relations', { fields: names(300).map((name) => `${name}.id`), alias: aliases(300, 'recipient') }],
  ])('a query with too many of these is INVALID_QUERY: %s', async (_case, query) => {
    expect(await search(query)).toMatchObject(invalid);
  });

  it('too many fields are INVALID_QUERY for users, in a URL and on the socket', async () => {
    const { admin } = app().people;
    const users = await search({ alias: aliases(2000, 'email') }, '/users');
    const address = await send(app(), `/notifications?fields=${names(501).join()}`, { as: admin });
    const client = await connectRealtime(`${app().url}/websocket?access_token=${admin.token}`);
    const query = { alias: aliases(600) };
    const subscribed = await client.ask({ type: 'subscribe', collection: 'directus_notifications', query });
    closeClients();

    expect([users, address]).toMatchObject([invalid, invalid]);
    expect(subscribed).toMatchObject({ status: 'error', error: { code: 'INVALID_QUERY' } });
  });

  it('a query with as many fields as allowed is answered', async () => {
    expect(await search({ fields: names(400), alias: aliases(400) })).toMatchObject({
      status: 200,
      body: { data: [] },
    });
  });
});

describe('a filter with too many conditions', () => {
  const app = useTestApp();
  const like = (index: number) => ({ subject: { _icontains: `word ${index}` } });
  const many = (count: number) => Array.from({ length: count }, (_, index) => like(index));

  it.each([
    ['alternatives', { _or: many(8000) }],
    ['requirements', { _and: many(1001) }],
    ['alternatives in alternatives', { _or: Array.from({ length: 40 }, () => ({ _or: many(30) })) }],
    [
      'alternatives of one field',
      { subject: { _or: Array.from({ length: 1200 }, (_, index) => ({ _contains: `${index}` })) } },
    ],
    [
      'conditions on related rows',
      { recipient: { _or: Array.from({ length: 1200 }, (_, index) => ({ email: { _contains: `${index}` } })) } },
    ],
  ])('a filter with too many conditions is refused over REST, GraphQL and the socket: %s', async (_case, filter) => {
    const { admin } = app().people;
    const listed = await send(app(), '/notifications', { as: admin, method: 'SEARCH', body: { query: { filter } } });
    const asked = await graphql(
      app(),
      admin,
      'query ($f: directus_notifications_filter) { notifications(filter: $f) { id } }',
      { f: { _or: many(1001) } },
    );
    const client = await connectRealtime(`${app().url}/websocket?access_token=${admin.token}`);
    const subscribed = await client.ask({ type: 'subscribe', collection: 'directus_notifications', query: { filter } });
    closeClients();

    expect(listed).toMatchObject(invalid);
    expect(asked.body).toMatchObject({ errors: [{ extensions: { code: 'INVALID_QUERY' } }] });
    expect(subscribed).toMatchObject({ status: 'error', error: { code: 'INVALID_QUERY' } });
  });

  it('a filter with a thousand conditions is answered', async () => {
    const filter = { _or: many(1000) };

    const reply = await send(app(), '/notifications', {
      as: app().people.admin,
      method: 'SEARCH',
      body: { query: { filter } },
    });

    expect(reply).toMatchObject({ status: 200, body: { data: [] } });
  });
});
