import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createNotifications,
  deleteNotifications,
  type NewNotification,
  updateNotifications,
} from '../../../../src/notifications/write.ts';
import { type Person, useTestApp } from '../../../support/app.ts';
import { send } from '../../../support/client.ts';
import { closeClients, connectRealtime, type Message } from '../../../support/realtime-client.ts';

const app = useTestApp();
afterEach(closeClients);

const connect = ({ token }: Person) => connectRealtime(`${app().url}/websocket?access_token=${token}`);
const collection = 'directus_notifications';
const type = 'subscription';
const context = () => app().contextOf(app().people.admin);

let topics = 0;
/** A value of the field `item` that only the rows of one test have. */
const aTopic = () => {
  topics += 1;
  return `topic-${topics}`;
};

async function create(items: readonly Partial<NewNotification>[], recipient: Person = app().people.alice) {
  const rows = await createNotifications(
    context(),
    items.map((item) => ({ recipient: recipient.id, subject: 'Something', ...item })),
  );
  return rows.map(({ id }) => id);
}

describe('a realtime message', () => {
  it.each([
    [{ type: 'ping' }, { type: 'pong' }],
    [
      { type: 'ping', uid: 'p1' },
      { type: 'pong', uid: 'p1' },
    ],
    [
      { type: 'ping', uid: 3 },
      { type: 'pong', uid: 3 },
    ],
    [
      { type: 'unsubscribe', uid: 3 },
      { type, event: 'unsubscribe', uid: '3' },
    ],
    [{ type: 'unsubscribe' }, { type, event: 'unsubscribe' }],
  ])('the realtime message %j is answered with %j', async (message, answer) => {
    const client = await connect(app().people.alice);

    await expect(client.ask(message)).resolves.toEqual(answer);
  });

  const error = (code: string) => ({ status: 'error', error: { code, message: expect.any(String) } });
  it.each([
    ['not JSON', 'hello', { type: 'server', ...error('INVALID_PAYLOAD') }],
    ['a list', '[]', { type: 'server', ...error('INVALID_PAYLOAD') }],
    ['null', 'null', { type: 'server', ...error('INVALID_PAYLOAD') }],
    ['a message without a type', { uid: 1 }, { type: 'server', ...error('INVALID_PAYLOAD') }],
    ['a message with an invalid uid', { type: 'ping', uid: {} }, { type: 'server', ...error('INVALID_PAYLOAD') }],
    [
      'items',
      { type: 'items', collection, action: 'read', uid: 4 },
      { type: 'items', ...error('INVALID_COLLECTION'), uid: 4 },
    ],
    [
      'items of an unknown collection',
      { type: 'items', collection: 'nope', action: 'delete', id: 1 },
      { type: 'items', ...error('INVALID_COLLECTION') },
    ],
    ...[{ action: 'nope' }, { action: 'READ' }, { action: 1 }, {}].map(
      (given) =>
        [
          `items with ${JSON.stringify(given)}`,
          { type: 'items', collection, uid: 4, ...given },
          { type: 'items', ...error('INVALID_PAYLOAD') },
        ] as const,
    ),
    ['items without a collection', { type: 'items', action: 'read' }, { type: 'items', ...error('INVALID_PAYLOAD') }],
  ])('a realtime message is refused when it is %s', async (_what, message, answer) => {
    const client = await connect(app().people.alice);

    await expect(client.ask(message)).resolves.toEqual(answer);
  });

  it.each(['pong', 'toString', 'anything', 'Items'])('a realtime message of type %s is ignored', async (unknown) => {
    const client = await connect(app().people.alice);

    client.send({ type: unknown, uid: 1 });

    await expect(client.ask({ type: 'ping', uid: 2 })).resolves.toEqual({ type: 'pong', uid: 2 });
  });

  it.each([
    ['no collection', {}],
    ['an unknown event', { collection, event: 'read' }],
    ['an invalid item', { collection, item: {} }],
    ['an invalid query', { collection, query: 'x' }],
  ])('subscribe with %s is refused, and the refusal has no uid', async (_what, frame) => {
    const client = await connect(app().people.alice);

    const answer = await client.ask({ type: 'subscribe', uid: 'u', ...frame });

    expect(answer).toEqual({ type: 'subscribe', ...error('INVALID_PAYLOAD') });
  });

  it.each([
    ['an unknown collection', { collection: 'nope' }, 'FORBIDDEN'],
    ['the users', { collection: 'directus_users' }, 'FORBIDDEN'],
    ['the users by their short name', { collection: 'users' }, 'FORBIDDEN'],
    ['an unknown field', { collection, query: { fields: ['nope'] } }, 'FORBIDDEN'],
    ['a sort by an unknown field', { collection, query: { sort: 'nope' } }, 'FORBIDDEN'],
    [
      'a sort by an unknown field for one kind of event',
      { collection, event: 'create', query: { sort: 'nope' } },
      'FORBIDDEN',
    ],
    ['a field reserved for admins', { collection, query: { fields: 'recipient.token' } }, 'FORBIDDEN'],
    ['an invalid filter', { collection, query: { filter: { id: { _like: 1 } } } }, 'INVALID_QUERY'],
    ['a filter that is not JSON', { collection, query: { filter: '{' } }, 'INVALID_QUERY'],
    ['an invalid limit', { collection, query: { limit: -2 } }, 'INVALID_QUERY'],
    ['an invalid aggregation', { collection, query: { aggregate: { sum: 'subject' } } }, 'INVALID_QUERY'],
    ['an unknown row', { collection, item: 999_999 }, 'FORBIDDEN'],
    ['an invalid key', { collection, item: 'abc' }, 'FORBIDDEN'],
  ])('subscribe to %s is refused, and the refusal has its uid', async (_what, frame, code) => {
    const client = await connect(app().people.alice);

    const answer = await client.ask({ type: 'subscribe', uid: 5, ...frame });

    expect(answer).toEqual({ type: 'subscribe', ...error(code), uid: 5 });
  });
});

describe('the beginning of a subscription', () => {
  it('the initial message of a subscription has the data of GET /notifications, with native values or text in the query', async () => {
    const item = aTopic();
    await create(['b', 'a', 'c'].map((subject) => ({ subject, item })));
    const client = await connect(app().people.alice);
    const filter = { item: { _eq: item } };
    const native = { fields: ['subject', 'recipient.email', 'year(timestamp)'], filter, sort: ['subject'], limit: 2 };
    const spelled = {
      fields: 'subject,recipient.email,year(timestamp)',
      filter: JSON.stringify(filter),
      sort: 'subject',
      limit: '2',
    };

    const inits = [
      await client.ask({ type: 'subscribe', collection, query: native, uid: 1 }),
      await client.ask({ type: 'subscribe', collection, query: spelled, uid: 'two' }),
    ];

    const { body } = await send(app(), `/notifications?${new URLSearchParams(spelled)}`, { as: app().people.alice });
    expect(body.data).toHaveLength(2);
    expect(inits).toEqual(['1', 'two'].map((uid) => ({ type, event: 'init', data: body.data, uid })));
  });

  it('the initial message without a query has all fields of the viewer’s rows, and no uid if none was sent', async () => {
    const client = await connect(app().people.bob);
    await create([{ subject: 'For Bob' }], app().people.bob);

    const init = await client.ask({ type: 'subscribe', collection });

    const { body } = await send(app(), '/notifications', { as: app().people.bob });
    expect(init).toEqual({ type, event: 'init', data: body.data });
    expect(body.data).toHaveLength(1);
  });

  it('the initial message has counts if meta requests them', async () => {
    const item = aTopic();
    await create([{ item }, { item }]);
    const client = await connect(app().people.alice);
    const query = { fields: 'item', filter: { item: { _eq: item } }, limit: 1, meta: 'filter_count' };

    const init = await client.ask({ type: 'subscribe', collection, query, uid: 'm' });

    expect(init).toEqual({ type, event: 'init', data: [{ item }], meta: { filter_count: 2 }, uid: 'm' });
  });

  it('the initial message is an aggregation if the query aggregates', async () => {
    const item = aTopic();
    await create([{ item }, { item }]);
    const client = await connect(app().people.alice);
    const query = { filter: { item: { _eq: item } }, aggregate: { count: '*' } };

    const init = await client.ask({ type: 'subscribe', collection, query, uid: 'a' });

    expect(init).toEqual({ type, event: 'init', data: [{ count: '2' }], uid: 'a' });
  });

  it.each(['create', 'update', 'delete'])(
    'the initial message has no data if only %s events are subscribed',
    async (event) => {
      const client = await connect(app().people.alice);

      const init = await client.ask({ type: 'subscribe', collection, event, uid: 7 });

      expect(init).toEqual({ type, event: 'init', uid: '7' });
    },
  );

  it.each([(id: number) => id, String])('the initial message for one item is that row', async (spell) => {
    const [id = 0] = await create([{ subject: 'The one' }]);
    const client = await connect(app().people.alice);

    const query = { fields: ['id', 'subject'] };
    const init = await client.ask({ type: 'subscribe', collection, item: spell(id), query, uid: 'i' });

    expect(init).toEqual({ type, event: 'init', data: { id, subject: 'The one' }, uid: 'i' });
  });
});

describe('the events of a subscription', () => {
  /** Connects as this person, subscribes, and returns the client. */
  async function follow(person: Person, frame: object) {
    const client = await connect(person);
    const init = await client.ask({ type: 'subscribe', collection, uid: 's', ...frame });
    expect(init).toMatchObject({ type, event: 'init' });
    return client;
  }
  const subjects = { query: { fields: ['subject'] } };

  it('a subscription sends each created row, the changed rows and the deleted keys', async () => {
    const client = await follow(app().people.alice, { query: { fields: ['id', 'status'] } });

    const ids = await create([{}, {}]);
    const created = [await client.next(), await client.next()];
    await updateNotifications(context(), ids, { status: 'archived' });
    const updated = await client.next();
    await deleteNotifications(context(), ids);
    const deleted = await client.next();

    expect(created).toEqual(ids.map((id) => ({ type, event: 'create', data: [{ id, status: 'inbox' }], uid: 's' })));
    const data = ids.map((id) => ({ id, status: 'archived' }));
    expect(updated).toEqual({ type, event: 'update', data, uid: 's' });
    expect(deleted).toEqual({ type, event: 'delete', data: ids.map(String), uid: 's' });
  });

  it.each(['create', 'update', 'delete'])('a subscription to %s events sends no others', async (event) => {
    const all = await follow(app().people.alice, {});
    const client = await follow(app().people.alice, { event });
    const received: Message[] = [];
    // Each event is read before the next write, because a row that is already deleted has only a delete event.
    const read = async () => {
      const message = await all.next();
      if (message.event === event) received.push(await client.next());
    };

    const ids = await create([{}]);
    await read();
    await updateNotifications(context(), ids, { status: 'archived' });
    await read();
    await deleteNotifications(context(), ids);
    await read();

    expect(received).toEqual([expect.objectContaining({ type, event, uid: 's' })]);
    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('events have rows as the query selects them; a row that does not match has no event, except its delete', async () => {
    const item = aTopic();
    const query = {
      fields: ['subject', 'recipient.email'],
      filter: { item: { _eq: item } },
      limit: 1,
      page: 2,
      offset: 9,
    };
    const client = await follow(app().people.admin, { query });

    const [, leaving = 0] = await create([{ subject: 'Other' }, { subject: 'One', item }, { subject: 'Two', item }]);
    const created = [await client.next(), await client.next()];
    await updateNotifications(context(), [leaving], { item: 'elsewhere' });
    await deleteNotifications(context(), [leaving]);
    const deleted = await client.next();

    const recipient = { email: 'alice@example.com' };
    expect(created.map(({ data }) => data)).toEqual(['One', 'Two'].map((subject) => [{ subject, recipient }]));
    expect(deleted).toMatchObject({ event: 'delete', data: [String(leaving)] });
  });

  it('a member gets events of their own rows only, also deletes', async () => {
    const { alice, bob } = app().people;
    const client = await follow(alice, subjects);

    const bobs = await create([{ subject: 'For Bob' }], bob);
    await updateNotifications(context(), bobs, { subject: 'Still for Bob' });
    await deleteNotifications(context(), bobs);
    await create([{ subject: 'For Alice' }], alice);

    await expect(client.next()).resolves.toMatchObject({ event: 'create', data: [{ subject: 'For Alice' }] });
  });

  it('a subscription to one item sends that row, and its key when it is deleted', async () => {
    const [id = 0, other = 0] = await create([{}, {}]);
    const client = await follow(app().people.alice, { item: String(id), query: { fields: 'id,subject' } });

    await updateNotifications(context(), [other, id], { subject: 'New' });
    await expect(client.next()).resolves.toEqual({ type, event: 'update', data: { id, subject: 'New' }, uid: 's' });

    // The rows are deleted only now, because a row that is deleted before its update was read has no update event.
    await deleteNotifications(context(), [other, id]);
    await expect(client.next()).resolves.toEqual({ type, event: 'delete', data: String(id), uid: 's' });
  });

  it('events are aggregated if the query aggregates', async () => {
    const item = aTopic();
    const query = { filter: { item: { _eq: item } }, aggregate: { count: '*' } };
    const client = await follow(app().people.alice, { query });

    const ids = await create([{ item }, { item }, {}]);
    await expect(client.next()).resolves.toMatchObject({ event: 'create', data: [{ count: '2' }] });
    await updateNotifications(context(), ids, { subject: 'x' });

    await expect(client.next()).resolves.toMatchObject({ event: 'update', data: [{ count: '2' }] });
  });

  it('events use the aliases of the query', async () => {
    const query = { fields: ['key', 'at.year(last_access)'], alias: { key: 'subject', at: 'recipient' } };
    const client = await follow(app().people.admin, { query });

    await create([{ subject: 'Named' }]);

    await expect(client.next()).resolves.toMatchObject({
      data: [{ key: 'Named', at: { last_access_year: expect.anything() } }],
    });
  });

  it('sends no events after an unsubscribe', async () => {
    const client = await follow(app().people.alice, subjects);
    await client.ask({ type: 'subscribe', collection, uid: 'other', event: 'create', ...subjects });

    await client.ask({ type: 'unsubscribe', uid: 's' });
    await create([{ subject: 'Told once' }]);

    await expect(client.next()).resolves.toMatchObject({ uid: 'other', data: [{ subject: 'Told once' }] });
    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('an unsubscribe without uid ends all subscriptions', async () => {
    const client = await follow(app().people.alice, subjects);
    await client.ask({ type: 'subscribe', collection, event: 'create' });

    await client.ask({ type: 'unsubscribe' });
    await create([{}]);

    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('a reused uid, as text or number, replaces the subscription', async () => {
    const client = await follow(app().people.alice, { uid: 1, ...subjects });
    await client.ask({ type: 'subscribe', collection, uid: '1', event: 'create', query: { fields: ['status'] } });

    await create([{}]);

    await expect(client.next()).resolves.toEqual({ type, event: 'create', data: [{ status: 'inbox' }], uid: '1' });
    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('a refused subscription ends the earlier one with the same uid', async () => {
    const client = await follow(app().people.alice, subjects);
    await client.ask({ type: 'subscribe', collection: 'nope', uid: 's' });

    await create([{}]);

    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });

  it('a write of a thousand rows is sent completely, each row once and in order', async () => {
    const item = aTopic();
    const client = await follow(app().people.alice, { query: { fields: 'id', filter: { item: { _eq: item } } } });

    const ids = await create(Array.from({ length: 1000 }, () => ({ item })));
    const created: Message[] = [];
    for (let read = 0; read < ids.length; read += 1) created.push(await client.next());
    await updateNotifications(context(), ids, { subject: 'All of them' });
    const updated = await client.next();
    await deleteNotifications(context(), ids);
    const deleted = await client.next();

    expect(created.map(({ data }) => data)).toEqual(ids.map((id) => [{ id }]));
    expect(updated.data).toEqual(ids.map((id) => ({ id })));
    expect(deleted.data).toEqual(ids.map(String));
  });

  it('a subscription neither misses nor repeats a row created while it starts', async () => {
    const item = aTopic();
    const query = { fields: 'id', filter: { item: { _eq: item } }, limit: -1 };
    const client = await connect(app().people.alice);

    const writes = [];
    for (let round = 0; round < 20; round += 1) {
      writes.push(create([{ item }]));
      client.send({ type: 'subscribe', collection, query, uid: round });
      await new Promise(setImmediate);
    }
    const ids = (await Promise.all(writes)).flat();
    await create([{ item, subject: 'The last' }]).then(([id = 0]) => ids.push(id));
    const received = new Map<string, number[]>();
    const hasAll = () => received.size === 20 && [...received.values()].every((some) => some.length >= ids.length);
    while (!hasAll()) {
      const { uid, data } = await client.next();
      received.set(uid, [...(received.get(uid) ?? []), ...data.map(({ id }: { id: number }) => id)]);
    }

    const inOrder = ids.toSorted((a, b) => a - b);
    for (const some of received.values()) expect(some.toSorted((a, b) => a - b)).toEqual(inOrder);
    await expect(client.ask({ type: 'ping' })).resolves.toEqual({ type: 'pong' });
  });
});

describe('a limit of rows for one query', () => {
  const limited = useTestApp({ QUERY_LIMIT_MAX: '3' });

  it('a limit of rows per query drops no events', async () => {
    const { alice, admin } = limited().people;
    const client = await connectRealtime(`${limited().url}/websocket?access_token=${alice.token}`);
    await client.ask({ type: 'subscribe', collection, event: 'create', query: { fields: 'id' } });

    const items = Array.from({ length: 8 }, () => ({ recipient: alice.id, subject: 'One of eight' }));
    const rows = await createNotifications(limited().contextOf(admin), items);
    const received = [];
    for (let read = 0; read < 8; read += 1) received.push((await client.next()).data[0].id);

    expect(received).toEqual(rows.map(({ id }) => id));
  });
});
