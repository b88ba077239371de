import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse, validate } from 'graphql';
import { createNotifications } from '../../src/notifications/write.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { schema } from '../../src/schema/schema.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';
import { withStatements } from '../support/statements.ts';

const app = useTestApp({ QUERY_LIMIT_MAX: '50' });
const idOf = (type: string, key: string | number) => Buffer.from(`${type}:${key}`).toString('base64');
const ask = (as: Person | undefined, document: string, variables?: Record<string, unknown>) =>
  graphql(app(), as, document, variables);
let own = 0;
let foreign = 0;

beforeAll(async () => {
  const { admin, alice, bob } = app().people;
  const rows = await createNotifications(app().contextOf(admin), [
    { recipient: alice.id, subject: 'own' },
    { recipient: bob.id, subject: 'foreign' },
    ...Array.from({ length: 6 }, (_, index) => ({ recipient: alice.id, subject: `more ${index}` })),
  ]);
  [own = 0, foreign = 0] = rows.map(({ id }) => id);
});

const node = `query ($id: ID!) { node(node_id: $id) { __typename node_id
  ... on directus_notifications { id subject recipient { node_id email } } ... on directus_users { email }
  ... on notification_templates { name } ... on notification_deliveries { method } ... on notification_preferences { disabled } } }`;

describe('node', () => {
  it('node reads an object again by its node_id', async () => {
    const { alice } = app().people;
    const first = await ask(
      alice,
      `{ notifications(filter: { subject: { _eq: "own" } }) { node_id } users_me { node_id } }`,
    );
    const ids = [first.body.data.notifications[0].node_id, first.body.data.users_me.node_id];

    const nodes = await Promise.all(ids.map((id) => ask(alice, node, { id })));

    expect(nodes.map(({ body }) => body.data.node)).toEqual([
      {
        __typename: 'directus_notifications',
        node_id: ids[0],
        id: String(own),
        subject: 'own',
        recipient: { node_id: ids[1], email: 'alice@example.com' },
      },
      { __typename: 'directus_users', node_id: ids[1], email: 'alice@example.com' },
    ]);
  });

  it('node reads templates, deliveries and preferences', async () => {
    const { admin, alice } = app().people;
    const { body } = await ask(admin, '{ notification_templates { id node_id name } }');
    const [template] = body.data.notification_templates;
    const map = { [template.id]: true };
    await ask(alice, 'mutation ($map: JSON!) { update_notification_preferences(template_disabled_map: $map) { id } }', {
      map,
    });
    await ask(admin, 'mutation { send_test_notification }');
    const sent = await ask(admin, '{ notification_deliveries { node_id method } }');
    const stored = await ask(alice, '{ notification_preferences { node_id } }');
    const preference = stored.body.data.notification_preferences[0].node_id;

    expect((await ask(alice, node, { id: template.node_id })).body.data.node).toMatchObject({ name: template.name });
    expect((await ask(alice, node, { id: preference })).body.data.node).toMatchObject({ disabled: true });
    expect((await ask(admin, node, { id: preference })).body.data.node).toMatchObject({ disabled: true });
    expect((await ask(app().people.bob, node, { id: preference })).body).toEqual({ data: { node: null } });
    const [delivery] = sent.body.data.notification_deliveries;
    expect((await ask(admin, node, { id: delivery.node_id })).body.data.node).toMatchObject({
      method: delivery.method,
    });
    expect((await ask(alice, node, { id: delivery.node_id })).body).toEqual({ data: { node: null } });
  });

  it('node returns the same for unknown and foreign objects', async () => {
    const { alice, bob } = app().people;
    const nobody = '0a11ce00-0000-4000-8000-000000000009';
    const ids = [
      idOf('directus_notifications', foreign),
      idOf('directus_notifications', 999_999),
      idOf('directus_users', bob.id),
      idOf('directus_users', nobody),
      idOf('notification_templates', nobody),
      idOf('notification_deliveries', nobody),
      idOf('notification_preferences', `${bob.id}:${nobody}`),
    ];

    for (const id of ids) expect((await ask(alice, node, { id })).body).toEqual({ data: { node: null } });
  });

  it.each([
    ['a text that is no base64', 'nope!'],
    ['an empty text', ''],
    ['a plain key', '1'],
    ['an unknown type', idOf('nope', 1)],
    ['a type that is no node', idOf('Query', 1)],
    ['a key of another type', idOf('directus_notifications', 'abc')],
    ['a number that is no key', idOf('directus_notifications', '1e1')],
    ['a key that is too large', idOf('directus_notifications', '9'.repeat(30))],
    ['a UUID in upper case', idOf('directus_users', '0A11CE00-0000-4000-8000-000000000009')],
    ['one id instead of a pair', idOf('notification_preferences', '0a11ce00-0000-4000-8000-000000000009')],
    ['an id with a space before it', ` ${idOf('directus_notifications', 1)}`],
  ])('node refuses %s, naming the argument', async (_what, id) => {
    const { body } = await ask(app().people.alice, node, { id });

    expect(body.data).toEqual({ node: null });
    expect(body.errors).toMatchObject([
      { message: expect.stringContaining('"node_id"'), extensions: { code: 'INVALID_QUERY' } },
    ]);
  });

  it('node is refused to anonymous viewers', async () => {
    const { body } = await ask(undefined, node, { id: idOf('directus_notifications', own) });

    expect(body.errors).toMatchObject([{ extensions: { code: 'INVALID_CREDENTIALS' } }]);
  });
});

describe('nodes', () => {
  it('nodes keeps order and repetitions, with null for objects that are not visible', async () => {
    const ids = [own, foreign, own, 999_999].map((key) => idOf('directus_notifications', key));
    const { body } = await ask(
      app().people.alice,
      'query ($ids: [ID!]!) { nodes(node_ids: $ids) { node_id ... on directus_notifications { subject } } }',
      { ids },
    );

    expect(body.data.nodes).toEqual([
      { node_id: ids[0], subject: 'own' },
      null,
      { node_id: ids[0], subject: 'own' },
      null,
    ]);
  });

  it('nodes reads the objects of one type in one statement, also for many fields', async () => {
    const { alice } = app().people;
    const context = app().contextOf(alice);
    const { body } = await ask(alice, '{ notifications { node_id } }');
    const ids: string[] = body.data.notifications.map(({ node_id }: { node_id: string }) => node_id);
    const fields = ids.map(
      (id, index) => `n${index}: node(node_id: "${id}") { ... on directus_notifications { subject } }`,
    );
    const statements: string[] = [];
    const { createOperations } = await import('../../src/operations/operations.ts');
    const operations = createOperations(schema, { tokenLimit: 5000, introspection: true, answerMax: 100_000 });
    const { db } = app();
    const counted = withStatements(db, {
      query: (statement) => {
        statements.push(statement.text);
        return db.query(statement);
      },
    });

    const document = `{ ${fields.join(' ')} }`;
    const data = await operations.run<object>(
      { document, variables: {} },
      { ...context, prisma: servicePrisma(counted) },
    );

    expect(Object.keys(data)).toHaveLength(ids.length);
    expect(statements).toHaveLength(1);
  });

  it('nodes refuses too many ids, naming the argument', async () => {
    const document = 'query ($ids: [ID!]!) { nodes(node_ids: $ids) { node_id } }';
    const many = Array<string>(51).fill(idOf('directus_notifications', own));

    expect((await ask(app().people.alice, document, { ids: many })).body.errors[0].message).toContain('"node_ids"');
    expect((await ask(app().people.alice, document, { ids: ['x'] })).body.errors[0].message).toContain('"node_ids"');
  });

  it('nodes is priced by its ids and the most expensive type', async () => {
    const { createPricer } = await import('../../src/operations/price.ts');
    const { costs } = await import('../../src/operations/costs.ts');
    const { limits } = app().contextOf(app().people.alice);
    const pricer = createPricer({ schema, costs, limits, budget: 0 });
    const priceOf = async (text: string, variables = {}) => {
      const document = parse(text);
      expect(validate(schema, document)).toEqual([]);
      const [operation] = document.definitions;
      const refused = await pricer.refusal(document, operation as never, variables, {});
      return Number(refused?.extensions['price']);
    };
    const user = '... on directus_users { email first_name }';
    const notification = '... on directus_notifications { subject message_plain }';
    const withTypes = (selected: string) =>
      priceOf(`query ($ids: [ID!]!) { nodes(node_ids: $ids) { node_id ${selected} } }`, { ids: ['a', 'b', 'c'] });

    const [plain, users, notifications, both] = await Promise.all(
      ['', user, notification, `${user} ${notification} ... on Node { again: node_id }`].map(withTypes),
    );

    expect(users).toBe((plain ?? 0) + 3 * 2);
    expect(notifications).toBe((plain ?? 0) + 3 * 22);
    expect(both).toBe((notifications ?? 0) + 3);
  });
});

describe('connections', () => {
  const page = `query ($first: Int, $after: String, $last: Int, $before: String) {
    inbox_connection(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { node_id subject } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

  it('connections show the viewer’s own inbox newest first, page by page in both directions', async () => {
    const { alice } = app().people;
    const walk = async (key: 'endCursor' | 'startCursor', next: (cursor?: string) => Record<string, unknown>) => {
      const seen: string[][] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages < 10; pages++) {
        const { edges, pageInfo } = (await ask(alice, page, next(cursor))).body.data.inbox_connection;
        expect(pageInfo).toMatchObject({ startCursor: edges[0].cursor, endCursor: edges.at(-1).cursor });
        seen.push(edges.map(({ node: { subject } }: { node: { subject: string } }) => subject));
        cursor = pageInfo[key];
        if (!(key === 'endCursor' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return seen;
      }
      return seen;
    };

    const there = await walk('endCursor', (after) => ({ first: 3, after }));
    const back = await walk('startCursor', (before) => ({ last: 3, before }));

    expect(there).toEqual([['more 5', 'more 4', 'more 3'], ['more 2', 'more 1', 'more 0'], ['own']]);
    expect(back.toReversed().flat()).toEqual(there.flat());
  });

  it('connections filter, search and sort like lists, and count only when selected', async () => {
    const { admin, alice } = app().people;
    const document = `{ notifications_connection(filter: { subject: { _starts_with: "more" } }, sort: ["-subject"], first: 2) {
      totalCount edges { node { id subject recipient { email } } } }
      found: notifications_connection(search: "foreign") { totalCount edges { node { subject } } }
      empty: inbox_connection(search: "nope") { totalCount edges { cursor } pageInfo { startCursor endCursor hasNextPage } } }`;

    expect((await ask(admin, document)).body.data).toMatchObject({
      notifications_connection: {
        totalCount: 6,
        edges: [{ node: { subject: 'more 5' } }, { node: { subject: 'more 4' } }],
      },
      found: { totalCount: 1, edges: [{ node: { subject: 'foreign' } }] },
      empty: { totalCount: 0, edges: [], pageInfo: { startCursor: null, endCursor: null, hasNextPage: false } },
    });
    expect((await ask(alice, document)).body.data).toMatchObject({ found: { totalCount: 0, edges: [] } });
  });

  it('connections answer the queries of Relay’s compiler for paging and refetching', async () => {
    const { alice } = app().people;
    const item = 'fragment item on directus_notifications { id subject recipient { email node_id } node_id }';
    const list = `query ListPaginationQuery($count: Int = 10, $cursor: String) { ...list_1G22uz }
      fragment list_1G22uz on Query { inbox_connection(first: $count, after: $cursor) { totalCount
        edges { node { subject ...item node_id __typename } cursor } pageInfo { endCursor hasNextPage } } } ${item}`;
    const refetch = `query ItemRefetchQuery($node_id: ID!) { node(node_id: $node_id) { __typename ...item node_id } } ${item}`;

    const listed = (await ask(alice, list, { count: 2 })).body.data.inbox_connection;
    const { node_id } = listed.edges[1].node;
    const read = (await ask(alice, refetch, { node_id })).body.data.node;

    expect(listed).toMatchObject({ totalCount: 7, pageInfo: { endCursor: listed.edges[1].cursor, hasNextPage: true } });
    expect(read).toEqual(listed.edges[1].node);
  });

  it.each([
    ['first: 51', '"first"'],
    ['last: -1', '"last"'],
    ['after: "x"', '"after"'],
    ['before: "x"', '"before"'],
    ['sort: ["nope"]', '"nope"'],
  ])('connections refuse %s by name', async (args, name) => {
    const { body } = await ask(app().people.alice, `{ notifications_connection(${args}) { totalCount } }`);

    expect(body.errors[0].message).toContain(name);
  });

  it('connections are refused to anonymous viewers', async () => {
    for (const field of ['notifications_connection', 'inbox_connection']) {
      const { body } = await ask(undefined, `{ ${field} { totalCount } }`);
      expect(body.errors[0].extensions.code).toMatch(/FORBIDDEN|INVALID_CREDENTIALS/);
    }
  });

  it('connections have the types of the Relay specification', () => {
    const asked = `{ node: __type(name: "Node") { fields { name } } }`;
    expect(validate(schema, parse(asked))).toEqual([]);
    const spelled = (type: string) => {
      const found = schema.getType(type);
      return found && 'getFields' in found
        ? Object.values(found.getFields())
            .map(({ name, type: of }) => `${name}: ${of}`)
            .sort()
        : [];
    };

    expect(spelled('Node')).toEqual(['node_id: ID!']);
    expect(spelled('PageInfo')).toEqual([
      'endCursor: String',
      'hasNextPage: Boolean!',
      'hasPreviousPage: Boolean!',
      'startCursor: String',
    ]);
    expect(spelled('NotificationEdge')).toEqual(['cursor: String!', 'node: directus_notifications!']);
    expect(spelled('NotificationConnection')).toEqual(
      expect.arrayContaining(['edges: [NotificationEdge!]!', 'pageInfo: PageInfo!']),
    );
  });
});
