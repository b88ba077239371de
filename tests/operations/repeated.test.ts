import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { createUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const runs = 5;

/** Clients send the same document repeatedly; its meaning must not depend on earlier runs. */
describe('a document that is run several times', () => {
  const app = useTestApp();
  const workspaceDeletedTemplate = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
  let made = 0;

  const aNotification = async () => {
    const { admin, alice } = app().people;
    const row = { recipient: alice.id, subject: 'kept', message: 'kept', collection: 'kept', item: 'kept' };
    const [created] = await createNotifications(app().contextOf(admin), [row]);
    return created?.id ?? '';
  };
  const aUser = async () => {
    const [id = ''] = await createUsers(app().contextOf(app().people.admin), [
      { username: `somebody-${++made}`, first_name: 'kept', last_name: 'kept', title: 'kept' },
    ]);
    return id;
  };
  /** The data of each run. */
  const repeated = async (document: string, variables: Record<string, unknown> = {}) => {
    const answers = [];
    for (let run = 0; run < runs; run++) {
      const { body } = await graphql(app(), app().people.admin, document, variables);
      answers.push(body.errors ?? body.data);
    }
    return answers;
  };
  const always = (data: unknown) => Array.from({ length: runs }, () => data);

  it.each([
    [
      'a column of one notification',
      `mutation ($id: ID!, $m: String) { row: update_notifications_item(id: $id, data: { status: "inbox", message: $m }) {
        message } }`,
      { row: { message: 'kept' } },
    ],
    [
      'a column of several notifications',
      `mutation ($ids: [ID]!, $s: String) {
        rows: update_notifications_items(ids: $ids, data: { item: "new", collection: $s }) { collection } }`,
      { rows: [{ collection: 'kept' }] },
    ],
    [
      'a column of one item of a list',
      `mutation ($id: ID, $m: String, $i: String = null) {
        rows: update_notifications_batch(data: [{ id: $id, message: $m, item: $i }]) { message item } }`,
      { rows: [{ message: 'kept', item: null }] },
    ],
    [
      'the whole argument, whose default has no message',
      `mutation ($id: ID!, $d: update_directus_notifications_input! = { status: "inbox" }) {
        row: update_notifications_item(id: $id, data: $d) { message } }`,
      { row: { message: 'kept' } },
    ],
  ])(
    'a repeated update leaves a column unchanged if its variable is omitted: %s',
    async (_case, document, expected) => {
      const id = await aNotification();

      expect(await repeated(document, { id, ids: [id] })).toEqual(always(expected));
    },
  );

  it.each([
    ['one user', 'row: update_users_item(id: $id, data: { title: "new", last_name: $n }) { last_name }'],
    ['one user of a list', 'row: update_users_batch(data: { id: $id, last_name: $n }) { last_name }'],
  ])('a repeated update leaves a column unchanged if its variable is omitted: %s', async (_case, field) => {
    const id = await aUser();

    const answers = await repeated(`mutation ($id: ID!, $n: String) { ${field} }`, { id });

    expect(answers.map(({ row }) => [row].flat())).toEqual(always([{ last_name: 'kept' }]));
  });

  it.each([
    ['the status', 'status: $x', { status: 'inbox', message: null }],
    ['the message', 'message: $x', { status: 'inbox', message: null }],
    ['the key', 'id: $key, message: "m"', { status: 'inbox', message: 'm' }],
    ['the time', 'timestamp: $time', { status: 'inbox', message: null }],
    ['the sender', 'sender: { id: $admin }, message: $x', { status: 'inbox', message: null }],
  ])('a repeated create uses the default for an omitted variable: %s', async (_case, given, expected) => {
    const { alice, admin } = app().people;
    const variables = {
      '$x: String': 'x',
      '$key: ID': 'key',
      '$time: Date': 'time',
      '$admin: ID': 'admin',
    };
    const used = Object.keys(variables).filter((name) => new RegExp(`\\${name.split(':')[0]}\\b`).test(given));

    const answers = await repeated(
      `mutation ($r: directus_users_key${used.map((name) => `, ${name}`)}) {
        row: create_notifications_item(data: { recipient: $r, subject: "x", ${given} }) { status message } }`,
      { r: alice.id, admin: admin.id },
    );

    expect(answers).toEqual(always({ row: expected }));
  });

  it.each([
    ['an operator', '{ status: { _eq: $s }, id: { _eq: $id } }', 1],
    ['a list', '{ _and: [{ id: { _eq: $id } }, { subject: { _in: ["kept", $s] } }] }', 1],
    ['a relation', '{ id: { _in: [$id] }, recipient: { username: { _eq: $s } } }', 1],
    ['an alternative', '{ _or: [{ id: { _eq: $id } }, { status: { _eq: "archived", _neq: $s } }] }', 1],
  ])('a repeated query drops the condition of an omitted variable: %s', async (_case, filter, count) => {
    const id = await aNotification();

    const answers = await repeated(
      `query ($id: GraphQLStringOrFloat, $s: String) { notifications(filter: ${filter}) { subject } }`,
      { id },
    );

    expect(answers).toEqual(always({ notifications: Array.from({ length: count }, () => ({ subject: 'kept' })) }));
  });

  it.each([
    ['a label', 'labels: { name: $n, reason: "r", initiator: "i" }', { labels: { name: 'dev' } }],
    [
      'a member of a list',
      'labels: { name: "x", reason: "r" }, data: { names: ["a", $n, [$n]] }',
      { data: { names: ['a', 'dev', ['dev']] } },
    ],
    [
      'an object in an object',
      'labels: { name: "x", reason: "r" }, data: { a: { b: { name: $n, other: $o } } }',
      { data: { a: { b: { name: 'dev' } } } },
    ],
    ['the value itself', 'labels: { name: "x", reason: "r" }, data: $d', { data: { whole: [1] } }],
  ])('a repeated operation keeps variables inside a JSON literal: %s', async (_case, given, expected) => {
    const more = ['$n', '$o', '$d'].filter((name) => given.includes(name));
    const types = { $n: 'String', $o: 'Int', $d: 'JSON' };

    const { prisma } = app().db;
    for (let run = 0; run < runs; run++) {
      const user = await aUser();
      await graphql(
        app(),
        app().people.admin,
        `mutation ($t: ID!, $u: ID!${more.map((name) => `, ${name}: ${types[name as keyof typeof types]}`)}) {
          send_notification(data: { template: $t, recipients: [$u], ${given} }) { id } }`,
        { t: workspaceDeletedTemplate, u: user, n: 'dev', d: { whole: [1] } },
      );
      const { payload_id, own_payload } = await prisma.delivery.findFirstOrThrow({ where: { user_id: user } });
      const shared = payload_id && (await prisma.payload.findUniqueOrThrow({ where: { id: payload_id } })).content;
      const stored = { ...(shared as object), ...(own_payload as object) };
      expect(stored).toMatchObject(expected);
      expect(JSON.stringify(stored)).not.toContain('"other"');
    }
  });

  it('a repeated operation keeps variables inside the other custom scalars', async () => {
    const { alice } = app().people;
    const { body } = await graphql(app(), app().people.admin, '{ notifications_aggregated { countAll } }');
    const [{ countAll }] = body.data.notifications_aggregated;

    const answers = await repeated(
      'query ($field: String) { notifications_aggregated { row(aggregate: { count: [$field] }) } }',
      { field: '*' },
    );
    const keyed = await repeated(
      `mutation ($r: String) { row: create_notifications_item(data: { recipient: { id: $r }, subject: "x" }) { recipient } }`,
      { r: alice.id },
    );

    expect(answers.map(({ notifications_aggregated: [group] }) => group)).toEqual(
      always({ row: { count: `${countAll}` } }),
    );
    expect(keyed).toEqual(always({ row: { recipient: alice.id } }));
  });

  it('a repeated query applies @skip and @include anew in each run, in field order', async () => {
    const id = await aNotification();
    const document = `query ($id: ID!, $yes: Boolean!) { row: notifications_by_id(id: $id) {
      message @include(if: $yes) ...more item message } }
      fragment more on directus_notifications { subject @skip(if: $yes) collection }`;

    for (let run = 0; run < runs; run++) {
      const told = [];
      for (const yes of [true, false]) {
        const { body } = await graphql(app(), app().people.admin, document, { id, yes });
        told.push(Object.keys(body.data.row));
      }
      expect(told).toEqual([
        ['message', 'collection', 'item'],
        ['subject', 'collection', 'item', 'message'],
      ]);
    }
  });
});
