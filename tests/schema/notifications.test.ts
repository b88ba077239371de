import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';
import { statementsOf } from '../support/statements.ts';

describe('GraphQL at /graphql/system', () => {
  const app = useTestApp();
  const codes = (body: { errors?: { extensions: { code: string } }[] }) =>
    body.errors?.map(({ extensions }) => extensions.code);
  const aNotification = async (subject: string, more: object = {}) => {
    const { admin, alice } = app().people;
    const [row] = await createNotifications(app().contextOf(admin), [{ recipient: alice.id, subject, ...more }]);
    if (!row) throw new Error('nothing was created');
    return row;
  };

  it('returns the key of a recipient or sender selected as a leaf, with aliases and in fragments too', async () => {
    const { alice, bob } = app().people;
    const { id } = await aNotification('leaf', { sender: bob.id });

    const { body } = await graphql(
      app(),
      alice,
      `query ($id: ID!, $yes: Boolean!) {
        notifications_by_id(id: $id) { recipient to: recipient ...more } }
       fragment more on directus_notifications { sender @include(if: $yes) from: sender { id } }`,
      { id, yes: true },
    );

    expect(body).toEqual({
      data: { notifications_by_id: { recipient: alice.id, to: alice.id, sender: bob.id, from: null } },
    });
  });

  it.each([
    ['text', (id: string) => id],
    ['an object', (id: string) => ({ id })],
  ])('accepts a recipient given as %s, as literal and as variable', async (_spelling, spell) => {
    const { admin, alice } = app().people;
    const literal = JSON.stringify(spell(alice.id)).replace(/"id"/, 'id');

    const { body } = await graphql(
      app(),
      admin,
      `mutation ($key: directus_users_key, $data: create_directus_notifications_input!) {
        a: create_notifications_item(data: { recipient: ${literal}, subject: "a" }) { recipient }
        b: create_notifications_item(data: { recipient: $key, subject: "b" }) { recipient }
        c: create_notifications_item(data: $data) { recipient } }`,
      { key: spell(alice.id), data: { recipient: spell(alice.id), subject: 'c' } },
    );

    const created = { recipient: alice.id };
    expect(body).toEqual({ data: { a: created, b: created, c: created } });
  });

  it('accepts a variable inside the object of a recipient', async () => {
    const { admin, alice } = app().people;

    const { body } = await graphql(
      app(),
      admin,
      'mutation ($id: ID!) { create_notifications_item(data: { recipient: { id: $id }, subject: "s" }) { recipient } }',
      { id: alice.id },
    );

    expect(body).toEqual({ data: { create_notifications_item: { recipient: alice.id } } });
  });

  it('answers a repeated operation like the first time', async () => {
    const { alice } = app().people;
    await aNotification('again', { collection: 'again' });
    const ask = () =>
      graphql(
        app(),
        alice,
        `query ($filter: directus_notifications_filter, $limit: Int = 1) {
          notifications(filter: $filter, limit: $limit) { subject timestamp_func { year } recipient { email } }
          nobody: notifications_by_id(id: 0) { id } }`,
        { filter: { collection: { _eq: 'again' } } },
      );

    const answers = [await ask(), await ask(), await ask(), await ask(), await ask()].map(({ body }) => body);

    expect(answers[0]).toMatchObject({
      data: { notifications: [{ subject: 'again', recipient: { email: 'alice@example.com' } }], nobody: null },
      errors: [{ path: ['nobody'], locations: [{ line: 3, column: 11 }], extensions: { code: 'FORBIDDEN' } }],
    });
    expect(answers.map(sorted)).toEqual(Array(5).fill(sorted(answers[0])));
  });

  it('refuses wrong variables of a repeated operation like the first time', async () => {
    const ask = () =>
      graphql(app(), app().people.alice, 'query ($limit: Int) { notifications(limit: $limit) { id } }', { limit: 'x' });

    const answers = [await ask(), await ask(), await ask(), await ask()].map(({ body }) => codes(body));

    expect(answers).toEqual(Array(4).fill(['GRAPHQL_VALIDATION']));
  });

  it('one prepared statement reads the selected columns of the users of a list', async () => {
    const { admin, alice, bob } = app().people;
    const items = [alice, bob, alice, bob].map(({ id }) => ({ recipient: id, subject: 'together', collection: 'n+1' }));
    await createNotifications(app().contextOf(admin), items);
    const document =
      '{ notifications(filter: { collection: { _eq: "n+1" } }) { recipient { first_name } sender { id } } }';

    const { result, ran } = await statementsOf(app().db, () => graphql(app(), admin, document));

    expect(
      result.body.data.notifications.map((row: { recipient: { first_name: string } }) => row.recipient.first_name),
    ).toEqual(['Alice', 'Bob', 'Alice', 'Bob']);
    const ofUsers = ran.filter(({ text }) => text.includes('from users'));
    expect(ofUsers).toEqual([
      {
        name: expect.any(String),
        text: expect.stringMatching(/^select id, first_name from users /),
        values: [[alice.id, bob.id]],
      },
    ]);
  });

  it.each(['admin', 'alice'] as const)('a related user is the same as in the users query, for %s', async (who) => {
    const asker = app().people[who];
    const { alice } = app().people;
    const { id } = await aNotification('whole');
    const concealed = who === 'admin' ? 'token last_access last_access_func { year } email_notifications' : '';
    const fields = `id first_name last_name email username password location title description avatar language status role ${concealed}`;

    const { body } = await graphql(
      app(),
      asker,
      `query ($id: ID!, $user: ID!) {
        notifications_by_id(id: $id) { recipient { ${fields} } }
        users_by_id(id: $user) { ${fields} } }`,
      { id, user: alice.id },
    );

    expect(body.data.users_by_id.first_name).toBe('Alice');
    expect(body.data.notifications_by_id.recipient).toEqual(body.data.users_by_id);
  });

  it('returns null for a related user that does not match the arguments', async () => {
    const { admin } = app().people;
    const { id } = await aNotification('matching');

    const { body } = await graphql(
      app(),
      admin,
      `query ($id: ID!) { notifications_by_id(id: $id) {
        yes: recipient(filter: { email: { _starts_with: "alice" } }) { email }
        no: recipient(filter: { email: { _starts_with: "bob" } }) { email } } }`,
      { id },
    );

    expect(body).toEqual({ data: { notifications_by_id: { yes: { email: 'alice@example.com' }, no: null } } });
  });

  it('refuses members the user fields reserved for admins', async () => {
    const { alice } = app().people;
    const { id } = await aNotification('private');

    const { body } = await graphql(
      app(),
      alice,
      'query ($id: ID!) { notifications_by_id(id: $id) { recipient { email token } } }',
      { id },
    );

    expect(body).toMatchObject({
      data: { notifications_by_id: { recipient: { email: 'alice@example.com', token: null } } },
      errors: [{ extensions: { code: 'FORBIDDEN', reason: expect.stringContaining('token') } }],
    });
  });

  it('members may change the status only, and neither create nor delete', async () => {
    const { alice } = app().people;
    const { id } = await aNotification('mine');

    const { body } = await graphql(
      app(),
      alice,
      `mutation ($to: directus_users_key, $id: ID!) {
        create: create_notifications_item(data: { recipient: $to, subject: "s" }) { id }
        delete: delete_notifications_item(id: $id) { id }
        subject: update_notifications_item(id: $id, data: { subject: "s" }) { id }
        status: update_notifications_item(id: $id, data: { status: "archived" }) { status } }`,
      { to: alice.id, id },
    );

    expect(body.data).toEqual({ create: null, delete: null, subject: null, status: { status: 'archived' } });
    expect(codes(body)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  });

  it('applies list arguments to the result of a write without restricting the write', async () => {
    const { admin, alice } = app().people;
    const data = ['x', 'y', 'z'].map((subject) => ({ recipient: alice.id, subject, collection: 'shaped' }));

    const { body } = await graphql(
      app(),
      admin,
      `mutation ($data: [create_directus_notifications_input!]) {
        create_notifications_items(data: $data, sort: ["-subject"], limit: 2) { subject } }`,
      { data },
    );
    const stored = await graphql(
      app(),
      admin,
      '{ notifications(filter: { collection: { _eq: "shaped" } }) { subject } }',
    );

    expect(body.data.create_notifications_items).toEqual([{ subject: 'z' }, { subject: 'y' }]);
    expect(stored.body.data.notifications).toHaveLength(3);
  });

  it('a write with invalid list arguments writes nothing', async () => {
    const { admin, alice } = app().people;

    const { body } = await graphql(
      app(),
      admin,
      `mutation ($to: directus_users_key) {
        create_notifications_items(data: [{ recipient: $to, subject: "unwritten" }], sort: ["nope"]) { id } }`,
      { to: alice.id },
    );
    const stored = await graphql(app(), admin, '{ notifications(filter: { subject: { _eq: "unwritten" } }) { id } }');

    expect(codes(body)).toEqual(['FORBIDDEN']);
    expect(stored.body.data.notifications).toEqual([]);
  });

  it('every missing field of a create is reported', async () => {
    const { body } = await graphql(
      app(),
      app().people.admin,
      'mutation { create_notifications_item(data: {}) { id } }',
    );

    expect(body.errors).toMatchObject([
      {
        extensions: {
          code: 'FAILED_VALIDATION',
          errors: [{ extensions: { field: 'recipient' } }, { extensions: { field: 'subject' } }],
        },
      },
    ]);
  });

  it('aggregates by parts of a timestamp, with numbers in GraphQL and PostgreSQL’s text in row', async () => {
    const { admin } = app().people;
    await aNotification('figures', { collection: 'figures' });

    const { body } = await graphql(
      app(),
      admin,
      `{ notifications_aggregated(groupBy: ["year(timestamp)"], filter: { collection: { _eq: "figures" } }) {
        group countAll count { recipient } row(aggregate: { count: "*", countDistinct: ["id"] }) } }`,
    );

    const timestamp_year = new Date().getUTCFullYear();
    expect(body.data.notifications_aggregated).toEqual([
      {
        group: { timestamp_year },
        countAll: 1,
        count: { recipient: 1 },
        row: { timestamp_year, count: '1', countDistinct: { id: '1' } },
      },
    ]);
  });

  it('streams subscriptions as server-sent events', async () => {
    const { admin, alice } = app().people;
    const query = 'subscription { directus_notifications_mutated(event: create) { event data { subject } } }';
    const abort = new AbortController();
    const reply = await fetch(`${app().url}/graphql/system?query=${encodeURIComponent(query)}`, {
      headers: { authorization: `Bearer ${alice.token}`, accept: 'text/event-stream' },
      signal: abort.signal,
    });

    await createNotifications(app().contextOf(admin), [{ recipient: alice.id, subject: 'streamed' }]);
    let text = '';
    for await (const chunk of reply.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('event: next')) break;
    }
    abort.abort();

    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain('{"directus_notifications_mutated":{"event":"create","data":{"subject":"streamed"}}}');
  });

  it('serves browsers a GraphiQL that loads nothing from other hosts', async () => {
    const { status, body } = await send(app(), '/graphql/system', { headers: { accept: 'text/html' } });

    expect(status).toBe(200);
    expect(body).toContain('<title>GraphiQL · Tidings</title>');
    expect(body).not.toMatch(/<(script|link)[^>]+(src|href)="?https?:/);
  });

  it.each([
    ['broken JSON', '{"query":'],
    ['an empty object', '{}'],
    ['a list', '[{"query":"{__typename}"}]'],
    ['null', 'null'],
    ['a query that is no text', '{"query":1}'],
    ['a syntax error', '{"query":"{"}'],
    ['variables that are no object', '{"query":"{__typename}","variables":1}'],
  ])('answers %s with an error code and not a 5xx status', async (_case, body) => {
    const reply = await send(app(), '/graphql/system', { as: app().people.admin, body });

    expect(reply.status).toBeLessThan(500);
    expect(codes(reply.body)).toEqual([expect.stringMatching(/^(INVALID_PAYLOAD|GRAPHQL_VALIDATION)$/)]);
  });

  it('refuses a document with too many tokens, and a body that is too large', async () => {
    const tokens = await graphql(app(), app().people.admin, `{ ${'__typename '.repeat(6000)} }`);
    const bytes = await graphql(app(), app().people.admin, '{ __typename }', { padding: 'x'.repeat(2 ** 20) });

    expect(codes(tokens.body)).toEqual(['GRAPHQL_VALIDATION']);
    expect({ status: bytes.status, codes: codes(bytes.body) }).toEqual({ status: 400, codes: ['INVALID_PAYLOAD'] });
  });

  it('refuses an invalid token with 401 and does not run the operation', async () => {
    const as = { id: '', token: 'nobody’s'.replace('’', '') };

    const { status, body } = await graphql(app(), as, '{ __typename }');

    expect({ status, codes: codes(body) }).toEqual({ status: 401, codes: ['INVALID_CREDENTIALS'] });
  });
});

describe('GraphQL without introspection', () => {
  const app = useTestApp({ GRAPHQL_INTROSPECTION: 'false' });

  it('without introspection, errors reveal neither the schema nor suggestions', async () => {
    const schema = await graphql(app(), app().people.admin, '{ __schema { types { name } } }');
    const typo = await graphql(app(), app().people.admin, '{ notification { id } }');

    expect(schema.body).toEqual({
      errors: expect.arrayContaining([expect.objectContaining({ extensions: { code: 'GRAPHQL_VALIDATION' } })]),
    });
    expect(typo.body.errors[0].message).not.toContain('Did you mean');
  });
});

describe('an unexpected failure', () => {
  const app = useTestApp();

  it('an unexpected error is masked for the caller', async () => {
    await app().db.query({ text: 'alter table notifications rename to elsewhere', values: [] });

    const { body } = await graphql(app(), app().people.admin, '{ notifications { id } }');

    expect(body).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
    expect(JSON.stringify(body)).not.toMatch(/elsewhere|relation|select|stack/i);
  });
});

/** The value with sorted object keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
