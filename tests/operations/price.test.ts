import { describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery, getNamedType, isListType, isNonNullType, isObjectType } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createNotifications } from '../../src/notifications/write.ts';
import { costs } from '../../src/operations/costs.ts';
import { schema } from '../../src/schema/schema.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';
import { closeClients, connectRealtime } from '../support/realtime-client.ts';

/** CPU time of this process in milliseconds. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const aliases = (count: number, field: string, prefix = 'a') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}: ${field}`).join(' ');

describe('the price of an operation', () => {
  const app = useTestApp();
  const refusal = { extensions: { code: 'GRAPHQL_VALIDATION', price: expect.any(Number), budget: 500_000 } };

  const hostile = {
    'aliases of lists of the schema': `{ __schema { types { ${aliases(350, 'fields { ...F }')} } } }
      fragment F on __Field { ${aliases(400, 'name', 'b')} }`,
    'types that lead to types': `{ __schema { types { ${aliases(40, 'fields { type { fields { ...F } } }')} } } }
      fragment F on __Field { ${aliases(300, 'name', 'b')} }`,
    'a type named by a variable': `query ($n: String = "Mutation") { __type(name: $n) {
      ${aliases(60, 'fields { args { type { inputFields { ...F } ofType { inputFields { ...F } } } } }')} } }
      fragment F on __InputValue { ${aliases(60, 'name')} }`,
    'fields of many rows': `{ notifications(limit: 10000) { ${aliases(100, 'message')} } }`,
    'many lists': `{ ${aliases(400, 'users(limit: 2000) { id }')} }`,
    'a limit in a variable': `query ($l: Int = 9000) { notifications(limit: $l) { ${aliases(60, 'id')} } }`,
    'relations of many rows': `{ notifications(limit: 2000) { ${aliases(100, 'recipient { id email }')} } }`,
    'a page of the log': `{ ${aliases(100, 'notification_deliveries(limit: 1000) { id status method user_id created_at }')} }`,
    'a page of the inbox': `{ ${aliases(300, 'inbox(limit: 1000) { notifications { id subject } }')} }`,
    'many writes': `mutation { ${aliases(600, 'send_test_notification')} }`,
  };

  it.each(Object.entries(hostile))(
    'the price of a hostile document is over the budget and computed fast: %s',
    async (_case, document) => {
      let body: unknown;
      const cpu = await cpuOf(async () => {
        ({ body } = await graphql(app(), app().people.alice, document));
      });

      expect(body).toMatchObject({ errors: [refusal] });
      expect(body).not.toHaveProperty('data');
      expect(cpu).toBeLessThan(2000);
    },
  );

  it('the price of nested fragments counts each field of the response once', async () => {
    const fragments = Array.from(
      { length: 30 },
      (_, index) => `fragment F${index} on __Type { a: ofType { ...F${index + 1} } b: ofType { ...F${index + 1} } }`,
    );

    const { body } = await graphql(
      app(),
      app().people.alice,
      `{ __schema { types { ...F0 } } } ${fragments.join(' ')} fragment F30 on __Type { name }`,
    );

    expect(body.errors).toBeUndefined();
  });

  it('the price of the standard introspection and of all rows of a small store is within the budget', async () => {
    const { admin } = app().people;
    const introspection = await graphql(app(), admin, getIntrospectionQuery({ inputValueDeprecation: true }));
    const everything = await send(app(), '/notifications?fields=*.*&limit=-1', { as: admin });

    expect(introspection.body.errors).toBeUndefined();
    expect(everything.status).toBe(200);
  });

  it('the price is enforced on sockets', async () => {
    const client: Client = createClient({
      url: `${app().url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { access_token: app().people.alice.token },
    });
    const query = hostile['fields of many rows'];

    const asked = await client.iterate({ query }).next();

    expect(asked).toMatchObject({ value: { errors: [refusal] } });
    await client.dispose();
  });

  it('a price over the budget is INVALID_QUERY for REST and its socket, with price and budget', async () => {
    const { alice } = app().people;
    const invalid = { code: 'INVALID_QUERY', price: expect.any(Number), budget: 500_000 };
    const alias = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`a${index}`, 'subject']));
    const query = { limit: 10_000, fields: Object.keys(alias), alias };

    const address = `fields=${query.fields}&alias=${JSON.stringify(alias)}&limit=10000`;
    const listed = await send(app(), `/notifications?${address}`, { as: alice });
    const searched = await send(app(), '/notifications', { as: alice, method: 'SEARCH', body: { query } });
    const client = await connectRealtime(`${app().url}/websocket?access_token=${alice.token}`);
    const told = await client.ask({ type: 'subscribe', collection: 'directus_notifications', query });
    closeClients();

    expect(listed).toMatchObject({ status: 400, body: { errors: [{ extensions: invalid }] } });
    expect(searched).toMatchObject({ status: 400, body: { errors: [{ extensions: invalid }] } });
    expect(told).toMatchObject({ status: 'error', error: { code: 'INVALID_QUERY' } });
  });

  it('the price of every list of objects depends on its length, and every write has a price of its own', () => {
    const lists = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__')
        ? Object.values(type.getFields()).flatMap((field) => {
            const inner = isNonNullType(field.type) ? field.type.ofType : field.type;
            return isListType(inner) && isObjectType(getNamedType(inner)) ? [`${type.name}.${field.name}`] : [];
          })
        : [],
    );

    // The price of these lists is part of the price of the page that contains them.
    const paidAbove = ['inbox.notifications', 'NotificationConnection.edges'];
    expect(lists.filter((name) => costs.get(name)?.rows === undefined)).toEqual(paidAbove);
    const writes = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(writes.filter((name) => costs.get(`Mutation.${name}`)?.own === undefined)).toEqual([]);
  });
});

describe('the price with a small budget', () => {
  const app = useTestApp({ GRAPHQL_PRICE_LIMIT: '2000' });
  const rows = 300;

  it('the price of an unlimited list counts the existing rows', async () => {
    const { admin, alice, bob } = app().people;
    const created = Array.from({ length: rows }, (_, index) => ({ recipient: alice.id, subject: `Number ${index}` }));
    await createNotifications(app().contextOf(admin), created);
    const ask = (fields: string, more = '') =>
      graphql(app(), admin, `{ notifications(limit: -1 ${more}) { ${fields} } }`);
    const few = await ask(aliases(6, 'id'));
    const many = await ask(aliases(7, 'id'));
    const chosen = await ask(aliases(7, 'id'), 'filter: { subject: { _starts_with: "Number 1" } }');
    const others = await graphql(app(), bob, `{ notifications(limit: -1) { ${aliases(7, 'id')} } }`);
    const twice = await ask('id } b: notifications(limit: -1) { a: id b: id c: id d: id e: id f: id');
    const listed = await send(app(), '/notifications?fields=*&limit=-1', { as: admin });
    const exported = await send(app(), '/notifications?fields=*&limit=-1&export=json', { as: admin });
    const groups = await graphql(app(), admin, '{ notifications_aggregated(groupBy: "status", limit: -1) { group } }');

    expect(few.body.data.notifications).toHaveLength(rows);
    expect(many.body.errors[0].extensions).toEqual({
      code: 'GRAPHQL_VALIDATION',
      price: expect.any(Number),
      budget: 2000,
    });
    expect(chosen.body.data.notifications).toHaveLength(111);
    expect(others.body).toEqual({ data: { notifications: [] } });
    expect(twice.body.errors).toMatchObject([{ extensions: { budget: 2000 } }]);
    expect(exported.body).toHaveLength(rows);
    expect(listed).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_QUERY' } }] } });
    expect(groups.body.data.notifications_aggregated).toEqual([{ group: { status: 'inbox' } }]);
  });

  it('the documents of the Coder face fit a small budget', async () => {
    const { admin } = app().people;
    const headers = { 'coder-session-token': admin.token };
    const paths = [
      '/notifications/inbox',
      '/notifications/settings',
      '/notifications/templates/system',
      '/notifications/templates/custom',
      '/notifications/dispatch-methods',
      '/users/me/notifications/preferences',
    ];

    const replies = await Promise.all(paths.map((path) => send(app(), `/api/v2${path}`, { headers })));
    const marked = await send(app(), '/api/v2/notifications/inbox/mark-all-as-read', { headers, method: 'PUT' });

    expect(replies.map(({ status }) => status)).toEqual(paths.map(() => 200));
    expect(marked.status).toBe(204);
  });
});

describe('the price with a tiny budget', () => {
  const app = useTestApp({ GRAPHQL_PRICE_LIMIT: '10' });

  it('the budget applies to subscriptions', async () => {
    const { alice } = app().people;
    const subscribe = (count: number) =>
      send(app(), '/graphql/system', {
        as: alice,
        headers: { accept: 'text/event-stream' },
        body: { query: `subscription { inbox_changes { ${aliases(count, 'cursor')} } }` },
      });

    expect((await subscribe(20)).body).toContain('GRAPHQL_VALIDATION');
  });
});

describe('a computed field', () => {
  const app = useTestApp();

  it('a computed field is computed once per row for any number of aliases', async () => {
    const { admin, alice } = app().people;
    const message = '**a** [b](https://example.com) '.repeat(400);
    await createNotifications(
      app().contextOf(admin),
      Array.from({ length: 20 }, () => ({ recipient: alice.id, subject: 'long', message })),
    );
    const ask = (count: number) => graphql(app(), alice, `{ notifications { ${aliases(count, 'message_plain')} } }`);
    await ask(1);
    const once = await cpuOf(() => ask(1));

    const often = await cpuOf(() => ask(60));

    expect(often).toBeLessThan(20 * Math.max(once, 5));
  });
});
