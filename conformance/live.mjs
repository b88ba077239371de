/*
 * The cases of docs/live-protocol.md against a running server:
 *   npm run conformance:live -- http://127.0.0.1:8055 [ADMIN_TOKEN]
 * The cases create their own users and delete them afterwards. Exits with 1 when a case fails.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const [base, token = process.env.TOKEN] = process.argv.slice(2);
if (!base || !token) {
  console.error('usage: npm run conformance:live -- URL [ADMIN_TOKEN, or in TOKEN]');
  process.exit(2);
}
const url = `${base.replace(/\/$/, '')}/graphql/system`;
const caseMs = 15_000;

const changes = `subscription ($after: String, $read: read_status) { inbox_changes(after: $after, read_status: $read) {
  kind key unread_count total_count cursor notification { subject read_at status } } }`;
const wide = 'subscription { directus_notifications_mutated { key event } }';

function post(as, query, variables, headers) {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  };
}

async function graphql(as, query, variables = {}) {
  const reply = await fetch(url, post(as, query, variables, { accept: 'application/json' }));
  const { data, errors } = await reply.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

const inboxOf = async ({ own }) =>
  (await graphql(own, '{ inbox(limit: 100) { notifications { id subject } unread_count total_count cursor } }')).inbox;
const markRead = ({ own }, id, isRead = true) =>
  graphql(own, 'mutation ($id: ID!, $is: Boolean!) { set_notification_read_status(id: $id, is_read: $is) { kind } }', {
    id,
    is: isRead,
  });
const archive = ({ own }, id) =>
  graphql(own, 'mutation ($id: ID!) { update_notifications_item(id: $id, data: { status: "archived" }) { id } }', {
    id,
  });
const remove = (id) => graphql(token, 'mutation ($id: ID!) { delete_notifications_item(id: $id) { id } }', { id });

const createdUsers = [];

/** Creates a user, with an empty inbox; `own` is the user's token. */
async function createUser() {
  const own = randomUUID();
  const document = 'mutation ($data: create_directus_users_input!) { create_users_item(data: $data) { id } }';
  const { id } = (await graphql(token, document, { data: { token: own } })).create_users_item;
  createdUsers.push(id);
  return { id, own };
}

/** Creates notifications to a user and returns their keys. */
async function notify({ id }, ...subjects) {
  const document = `mutation ($data: [create_directus_notifications_input!]) {
    create_notifications_items(data: $data) { id } }`;
  const data = subjects.map((subject) => ({ recipient: { id }, subject }));
  return (await graphql(token, document, { data })).create_notifications_items.map((row) => row.id);
}

const open = new Set();

/** Subscribes over a socket; `take(n)` returns the next n events. */
function follow({ own }, variables = {}, query = changes) {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { access_token: own },
  });
  const results = client.iterate({ query, variables });
  open.add(client);
  return {
    close: () => client.dispose(),
    /** Waits for an answer on the same socket; the subscription was sent earlier, so it has begun then. */
    begun: () => client.iterate({ query: '{ __typename }' }).next(),
    async take(count) {
      const received = [];
      while (received.length < count) {
        const { done, value } = await results.next();
        assert.ok(!done && value.data, `the stream ended: ${JSON.stringify(value ?? null)}`);
        received.push(...Object.values(value.data));
      }
      return received;
    },
  };
}

/** Subscribes over server-sent events and returns the first `count` changes, each with the id of its event. */
async function followEvents({ own }, count, { after, lastEventId }) {
  const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
  const cut = new AbortController();
  const reply = await fetch(url, { ...post(own, changes, { after }, headers), signal: cut.signal });
  assert.match(reply.headers.get('content-type') ?? '', /^text\/event-stream/);
  const received = [];
  let text = '';
  for await (const part of reply.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (data) received.push({ id: /^id: (.+)$/m.exec(block)?.[1], ...JSON.parse(data).data.inbox_changes });
    }
    if (received.length >= count) break;
  }
  cut.abort();
  return received;
}

const short = (received) => received.map(({ kind, key }) => `${kind} ${key}`);
const keys = (received) => received.map(({ key }) => key);

const cases = {
  async 'the changes after the cursor of an inbox continue it without a gap'() {
    const alice = await createUser();
    await notify(alice, 'before');
    const { cursor, notifications } = await inboxOf(alice);
    const between = await notify(alice, 'between');
    const stream = follow(alice, { after: cursor });
    const received = await stream.take(1);
    const later = await notify(alice, 'later');
    received.push(...(await stream.take(1)));
    assert.equal(notifications.length, 1);
    assert.deepEqual(short(received), [`created ${between}`, `created ${later}`]);
  },
  async 'changes arrive in the order of the writes'() {
    const alice = await createUser();
    const stream = follow(alice, { after: (await inboxOf(alice)).cursor });
    const written = [];
    for (let place = 0; place < 20; place += 1) written.push(...(await notify(alice, `${place}`)));
    assert.deepEqual(keys(await stream.take(20)), written);
  },
  async 'a stream from the last cursor misses nothing and repeats nothing'() {
    const alice = await createUser();
    const { cursor } = await inboxOf(alice);
    const written = await notify(alice, '0', '1', '2', '3');
    const stream = follow(alice, { after: cursor });
    const received = await stream.take(2);
    await stream.close();
    written.push(...(await notify(alice, '4')));
    received.push(...(await follow(alice, { after: received[1].cursor }).take(3)));
    assert.deepEqual(keys(received), written);
  },
  async 'a client that returns receives current states and removed notifications'() {
    const alice = await createUser();
    const [kept, archived, deleted] = await notify(alice, 'kept', 'archived', 'deleted');
    const { cursor } = await inboxOf(alice);
    for (const isRead of [true, false, true]) await markRead(alice, kept, isRead);
    await archive(alice, archived);
    await remove(deleted);
    const received = await follow(alice, { after: cursor }).take(3);
    assert.deepEqual(short(received), [`updated ${kept}`, `deleted ${archived}`, `deleted ${deleted}`]);
    assert.notEqual(received[0].notification.read_at, null);
    assert.equal(received[1].notification.status, 'archived');
    assert.equal(received[2].notification, null);
  },
  async 'each change carries the counts of the inbox'() {
    const alice = await createUser();
    const stream = follow(alice, { after: (await inboxOf(alice)).cursor });
    const counts = [];
    const count = async () => {
      const [{ unread_count, total_count }] = await stream.take(1);
      counts.push([unread_count, total_count]);
    };
    const [first] = await notify(alice, '1');
    await count();
    const [second] = await notify(alice, '2');
    await count();
    await markRead(alice, first);
    await count();
    await archive(alice, second);
    await count();
    const { unread_count, total_count } = await inboxOf(alice);
    assert.deepEqual(counts, [
      [1, 1],
      [2, 2],
      [1, 2],
      [0, 1],
    ]);
    assert.deepEqual([unread_count, total_count], counts.at(-1));
  },
  async 'a cursor of another inbox yields one reset, whose cursor is valid'() {
    const alice = await createUser();
    const bob = await createUser();
    const stream = follow(alice, { after: (await inboxOf(bob)).cursor });
    const [reset] = await stream.take(1);
    assert.deepEqual([reset.kind, reset.key, reset.notification], ['reset', null, null]);
    const [key] = await notify(alice, 'new');
    assert.deepEqual(short(await stream.take(1)), [`created ${key}`]);
    assert.deepEqual(short(await follow(alice, { after: reset.cursor }).take(1)), [`created ${key}`]);
  },
  async 'a text that is not a cursor is refused'() {
    const refused = await follow(await createUser(), { after: 'nonsense' })
      .take(1)
      .catch((error) => error);
    assert.match(`${refused.message}${JSON.stringify(refused)}`, /INVALID_QUERY/);
  },
  async 'a notification that stops matching the filter is sent as deleted'() {
    const alice = await createUser();
    const [read, kept] = await notify(alice, 'read', 'kept');
    const stream = follow(alice, { after: (await inboxOf(alice)).cursor, read: 'unread' });
    await markRead(alice, read);
    await markRead(alice, kept, false);
    assert.deepEqual(short(await stream.take(2)), [`deleted ${read}`, `updated ${kept}`]);
  },
  async 'event streams use cursors as ids and continue after Last-Event-ID'() {
    const alice = await createUser();
    const { cursor: after } = await inboxOf(alice);
    const written = await notify(alice, 'one', 'two');
    const [first] = await followEvents(alice, 1, { after });
    const [second] = await followEvents(alice, 1, { after, lastEventId: first.id });
    assert.equal(first.id, first.cursor);
    assert.deepEqual(keys([first, second]), written);
  },
  async 'a socket with an invalid token is closed with 4403'() {
    const refused = await follow({ own: 'nobody' })
      .take(1)
      .catch((error) => error);
    assert.equal(refused.code, 4403);
  },
  async 'a wide subscription sends an event for each key of each write, to a member only for their own notifications'() {
    const alice = await createUser();
    const stream = follow(alice, {}, wide);
    const first = stream.take(1);
    await stream.begun();
    await notify(await createUser(), 'for another user');
    const [one, two] = await notify(alice, 'one', 'two');
    const received = [...(await first), ...(await stream.take(1))];
    await remove(one);
    received.push(...(await stream.take(1)));
    assert.deepEqual(
      received.map(({ event, key }) => `${event} ${key}`),
      [`create ${one}`, `create ${two}`, `delete ${one}`],
    );
  },
};

function inTime(promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing arrived within ${caseMs / 1000} s`)), caseMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

let passed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await inTime(run());
    passed += 1;
    console.log(`pass  ${name}`);
  } catch (error) {
    console.log(`FAIL  ${name}\n      ${(error.message ?? JSON.stringify(error)).replaceAll('\n', '\n      ')}`);
  }
  await Promise.allSettled([...open].map((client) => client.dispose()));
  open.clear();
}
if (createdUsers.length > 0) {
  await graphql(token, 'mutation ($ids: [ID]!) { delete_users_items(ids: $ids) { ids } }', { ids: createdUsers }).catch(
    (error) => console.error(`the users could not be deleted: ${error.message}`),
  );
}
const count = Object.keys(cases).length;
console.log(`${passed} of ${count} passed`);
process.exit(passed === count ? 0 : 1);
