import { afterEach, describe, expect, it } from '@jest/globals';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createNotifications, deleteNotifications, updateNotifications } from '../../../src/notifications/write.ts';
import { createUsers, type UserInput, updateUsers } from '../../../src/users/write.ts';
import { type Person, useTestApp } from '../../support/app.ts';

const everything = 'subscription { directus_notifications_mutated { key event data { subject recipient { email } } } }';
const created =
  'subscription { directus_notifications_mutated(event: create) { key event data { subject recipient } } }';

/** The WebSocket URL of a path on the same server. */
const socketUrl = (url: string, path: string) => url.replace('http', 'ws') + path;

describe.each(['/graphql/system', '/graphql'])('graphql-transport-ws at %s', (path) => {
  const app = useTestApp();
  const clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
  });

  const connect = (token: string | undefined) => {
    const client = createClient({
      url: socketUrl(app().url, path),
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      ...(token !== undefined && { connectionParams: { access_token: token } }),
    });
    clients.push(client);
    return client;
  };

  /** Subscribes, and waits until the server has answered a later query on the same socket. */
  const follow = async (person: Person, query: string) => {
    const client = connect(person.token);
    const events = client.iterate<{ directus_notifications_mutated: unknown }>({ query });
    const first = events.next();
    await client.iterate({ query: '{ __typename }' }).next();
    let next = first;
    return async () => {
      const { value } = await next;
      next = events.next();
      return value?.data?.directus_notifications_mutated;
    };
  };

  it('a member’s subscription to creates has their own notifications only', async () => {
    const { admin, alice, bob } = app().people;
    const next = await follow(alice, created);

    await createNotifications(app().contextOf(admin), [{ recipient: bob.id, subject: 'For Bob' }]);
    const [mine] = await createNotifications(app().contextOf(admin), [{ recipient: alice.id, subject: 'For Alice' }]);

    await expect(next()).resolves.toEqual({
      key: String(mine?.id),
      event: 'create',
      data: { subject: 'For Alice', recipient: alice.id },
    });
  });

  it('an admin’s subscription has creates, updates and deletes, one event per key', async () => {
    const { admin, alice } = app().people;
    const context = app().contextOf(admin);
    const next = await follow(admin, everything);
    const email = 'alice@example.com';

    const items = ['one', 'two'].map((subject) => ({ recipient: alice.id, subject }));
    const ids = (await createNotifications(context, items)).map(({ id }) => id);
    const creates = [await next(), await next()];
    await updateNotifications(context, ids, { subject: 'changed' });
    const updates = [await next(), await next()];
    await deleteNotifications(context, ids);
    const deletes = [await next(), await next()];

    const [one, two] = ids.map(String);
    const at = (key: string | undefined, event: string, subject: string) => ({
      key,
      event,
      data: { subject, recipient: { email } },
    });
    expect(creates).toEqual([at(one, 'create', 'one'), at(two, 'create', 'two')]);
    expect(updates).toEqual([at(one, 'update', 'changed'), at(two, 'update', 'changed')]);
    expect(deletes).toEqual([one, two].map((key) => ({ key, event: 'delete', data: null })));
  });

  it('a member’s subscription has no event when another user’s notification is deleted', async () => {
    const { admin, alice, bob } = app().people;
    const context = app().contextOf(admin);
    const items = [bob, alice].map(({ id }) => ({ recipient: id, subject: 'To delete' }));
    const [bobs, alices] = await createNotifications(context, items);
    const next = await follow(alice, 'subscription { directus_notifications_mutated(event: delete) { key } }');

    await deleteNotifications(context, [bobs?.id ?? 0]);
    await deleteNotifications(context, [alices?.id ?? 0]);

    await expect(next()).resolves.toEqual({ key: String(alices?.id) });
  });

  it('the event of a subscription may be a variable', async () => {
    const { admin, alice } = app().people;
    const context = app().contextOf(admin);
    const client = connect(admin.token);
    const events = client.iterate({
      query: 'subscription ($event: EventEnum) { directus_notifications_mutated(event: $event) { event } }',
      variables: { event: 'update' },
    });
    const first = events.next();
    await client.iterate({ query: '{ __typename }' }).next();

    const [row] = await createNotifications(context, [{ recipient: alice.id, subject: 'Silent' }]);
    await updateNotifications(context, [row?.id ?? 0], { subject: 'Heard' });

    await expect(first).resolves.toMatchObject({
      value: { data: { directus_notifications_mutated: { event: 'update' } } },
    });
  });

  it('a socket answers queries and mutations, with codes on their errors', async () => {
    const client = connect(app().people.bob.token);

    const query = await client.iterate({ query: '{ users_me { email } }' }).next();
    const mutation = await client.iterate({ query: 'mutation { delete_notifications_item(id: 1) { id } }' }).next();

    expect(query.value).toEqual({ data: { users_me: { email: 'bob@example.com' } } });
    expect(mutation.value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  it('a socket reports the errors of a document', async () => {
    const events = connect(app().people.bob.token).iterate({ query: 'subscription { nope }' });

    await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION' } }]);
  });

  it.each([
    ['no token', undefined],
    ['an unknown token', 'nobody’s'],
  ])('a socket with %s is closed with 4403', async (_case, token) => {
    const socket = new WebSocket(socketUrl(app().url, path), 'graphql-transport-ws');
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: token } })));

    const code = await new Promise((resolve) => socket.on('close', resolve));

    expect(code).toBe(4403);
  });

  it('a socket is closed with 4429 for a second connection_init', async () => {
    const socket = new WebSocket(socketUrl(app().url, path), 'graphql-transport-ws');
    const init = JSON.stringify({ type: 'connection_init', payload: { access_token: app().people.bob.token } });
    socket.on('open', () => {
      socket.send(init);
      socket.send(init);
    });

    const code = await new Promise((resolve) => socket.on('close', resolve));

    expect(code).toBe(4429);
  });

  it('subscriptions above the limit of a socket are refused, and the others continue', async () => {
    const socket = new WebSocket(
      `${socketUrl(app().url, path)}?access_token=${app().people.alice.token}`,
      'graphql-transport-ws',
    );
    const answers: { type: string; id?: string }[] = [];
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    await new Promise((resolve) => socket.once('message', resolve));

    const answered = new Promise((resolve) => {
      socket.on('message', (message) => {
        answers.push(JSON.parse(String(message)));
        if (answers.length === 10) resolve(undefined);
      });
    });
    for (let id = 1; id <= 210; id++) {
      socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query: everything } }));
    }
    await answered;
    socket.terminate();

    expect(answers).toHaveLength(10);
    expect(answers).toMatchObject(answers.map((_, index) => ({ type: 'error', id: String(201 + index) })));
  });

  it('a token in the URL is accepted, and an invalid one is refused before the upgrade', async () => {
    const open = (token: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${socketUrl(app().url, path)}?access_token=${token}`, 'graphql-transport-ws');
        socket.on('open', () => socket.send('{"type":"connection_init"}'));
        socket.on('message', (message) => {
          resolve(String(message));
          socket.close();
        });
        socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
      });

    const answers = await Promise.all([open(app().people.bob.token), open('wrong')]);

    expect(answers).toEqual(['{"type":"connection_ack"}', '401']);
  });
});

describe('a revoked token', () => {
  const app = useTestApp();
  let people = 0;

  /** Creates an admin, and returns functions that change them. */
  const anAdmin = async () => {
    people += 1;
    const token = `the-token-of-carol-${people}`;
    const context = app().contextOf(app().people.admin);
    const [id = ''] = await createUsers(context, [{ email: `${token}@example.com`, token, role: 'admin' }]);
    return { id, token, change: (change: UserInput) => updateUsers(context, [id], change) };
  };

  const changes: readonly [string, UserInput][] = [
    ['their token', { token: null }],
    ['their role', { role: 'member' }],
    ['their status', { status: 'suspended' }],
  ];

  it.each(changes)('the open socket of a user who loses %s is closed', async (_what, change) => {
    const carol = await anAdmin();
    const socket = new WebSocket(socketUrl(app().url, '/graphql'), 'graphql-transport-ws');
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: carol.token } })),
    );
    await new Promise((resolve) => socket.once('message', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve));

    await carol.change(change);

    await expect(closed).resolves.toBe(4403);
  });

  it('the socket and the stream of a token are closed when another node revokes it', async () => {
    const carol = await anAdmin();
    const socket = new WebSocket(
      `${socketUrl(app().url, '/graphql')}?access_token=${carol.token}`,
      'graphql-transport-ws',
    );
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.once('message', resolve));
    const stream = await fetch(`${app().url}/graphql/system?query=${encodeURIComponent(everything)}`, {
      headers: { authorization: `Bearer ${carol.token}`, accept: 'text/event-stream' },
    });

    await app().db.query({ text: 'delete from access_tokens where user_id = $1::uuid', values: [carol.id] });

    await expect(closed).resolves.toBe(4403);
    await expect(stream.text()).rejects.toThrow();
  });
});

describe('an upgrade to a path without sockets', () => {
  const app = useTestApp();

  it('an upgrade of a path without sockets is refused with 404', async () => {
    const socket = new WebSocket(socketUrl(app().url, '/nowhere'));

    const status = await new Promise((resolve) =>
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode)),
    );

    expect(status).toBe(404);
  });
});
