import { describe, expect, it } from '@jest/globals';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createNotifications, setReadStatus, updateNotifications } from '../../src/notifications/write.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const subscription = `subscription ($after: String, $read: read_status) {
  inbox_changes(after: $after, read_status: $read) { kind key unread_count total_count cursor notification { subject recipient { first_name } } } }`;

interface Received {
  readonly kind: string;
  readonly key: string | null;
  readonly unread_count: number;
  readonly total_count: number;
  readonly cursor: string;
  readonly notification: { readonly subject: string } | null;
}

const app = useTestApp({ MAX_CONNECTIONS_PER_USER: '3' });

function clientOf({ token }: Person): Client {
  return createClient({
    url: `${app().url.replace('http', 'ws')}/graphql/system`,
    webSocketImpl: WebSocket,
    connectionParams: { access_token: token },
    retryAttempts: 0,
  });
}

async function take(
  results: AsyncIterableIterator<{ data?: { inbox_changes: Received } | null | undefined }>,
  count: number,
) {
  const received: Received[] = [];
  while (received.length < count) {
    const { done, value } = await results.next();
    if (done || !value.data) throw new Error(`It ended: ${JSON.stringify(value)}`);
    received.push(value.data.inbox_changes);
  }
  return received;
}

async function inboxOf(person: Person) {
  const { body } = await graphql(app(), person, '{ inbox { unread_count total_count cursor notifications { id } } }');
  return body.data.inbox as {
    unread_count: number;
    total_count: number;
    cursor: string;
    notifications: { id: string }[];
  };
}

const notify = (recipient: Person, subject: string) =>
  createNotifications(app().contextOf(app().people.admin), [{ recipient: recipient.id, subject }]);

/** Reads server-sent events until this many have ids. */
async function events(response: Response, count: number) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const found: { readonly id: string; readonly received: Received }[] = [];
  let text = '';
  while (reader && found.length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (id && data) found.push({ id, received: JSON.parse(data).data.inbox_changes });
    }
  }
  await reader?.cancel();
  return found;
}

function stream(person: Person, variables: object, headers: Record<string, string> = {}) {
  return fetch(`${app().url}/graphql/system`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${person.token}`,
      ...headers,
    },
    body: JSON.stringify({ query: subscription, variables }),
  });
}

describe('inbox_changes', () => {
  it('inbox_changes continues from the inbox over a socket, and resumes after a disconnect', async () => {
    const { alice } = app().people;
    const { cursor } = await inboxOf(alice);
    await notify(alice, 'Between');
    const first = clientOf(alice);
    const received = await take(first.iterate({ query: subscription, variables: { after: cursor } }), 1);
    await first.dispose();
    const [missed] = await notify(alice, 'Missed');
    await setReadStatus(app().contextOf(alice), missed?.id ?? 0, true);

    const second = clientOf(alice);
    received.push(
      ...(await take(second.iterate({ query: subscription, variables: { after: received[0]?.cursor } }), 1)),
    );
    await second.dispose();

    expect(received).toMatchObject([
      { kind: 'created', notification: { subject: 'Between' }, unread_count: 1, total_count: 1 },
      {
        kind: 'created',
        key: String(missed?.id),
        notification: { subject: 'Missed' },
        unread_count: 1,
        total_count: 2,
      },
    ]);
    expect(await inboxOf(alice)).toMatchObject({ unread_count: 1, total_count: 2, cursor: received[1]?.cursor });
  });

  it('inbox_changes counts the whole inbox, whatever the filter', async () => {
    const { bob } = app().people;
    const [one, two] = [await notify(bob, 'One'), await notify(bob, 'Two')].flat();
    const { unread_count, total_count, cursor } = await inboxOf(bob);
    await setReadStatus(app().contextOf(bob), one?.id ?? 0, true);
    await updateNotifications(app().contextOf(bob), [two?.id ?? 0], { status: 'archived' });

    const client = clientOf(bob);
    const received = await take(client.iterate({ query: subscription, variables: { after: cursor, read: 'read' } }), 2);
    await client.dispose();

    const counts = { unread_count: unread_count - 2, total_count: total_count - 1 };
    expect(received).toMatchObject([
      { kind: 'updated', key: String(one?.id), ...counts },
      { kind: 'deleted', key: String(two?.id), ...counts },
    ]);
    expect(await inboxOf(bob)).toMatchObject(counts);
  });

  it('inbox_changes sends admins only the changes of their own inbox', async () => {
    const { admin, bob } = app().people;
    const client = clientOf(admin);
    const next = take(client.iterate({ query: subscription, variables: { after: (await inboxOf(admin)).cursor } }), 1);
    await notify(bob, 'Not the admin’s');
    await notify(admin, 'The admin’s');

    const received = await next;
    await client.dispose();

    expect(received).toMatchObject([{ notification: { subject: 'The admin’s' } }]);
  });

  it('inbox_changes refuses malformed cursors and anonymous viewers', async () => {
    const { bob } = app().people;

    const refused = await stream(bob, { after: 'nonsense' });
    const text = await refused.text();

    expect(text).toContain('"code":"INVALID_QUERY"');
    expect(text).toContain('\\"after\\" is not a cursor');
    const anonymous = await fetch(
      `${app().url}/graphql/system?query=${encodeURIComponent('subscription { inbox_changes { kind } }')}`,
      { headers: { accept: 'text/event-stream' } },
    );
    expect(await anonymous.text()).toContain('INVALID_CREDENTIALS');
  });

  it('inbox_changes uses cursors as event ids and resumes from Last-Event-ID', async () => {
    const { bob } = app().people;
    const { cursor } = await inboxOf(bob);
    await notify(bob, 'One');
    await notify(bob, 'Two');

    const [one] = await events(await stream(bob, { after: cursor }), 1);
    // Like a browser: the same request with the old cursor, and the id of the last event.
    const [two] = await events(await stream(bob, { after: cursor }, { 'last-event-id': one?.id ?? '' }), 1);

    expect(one).toMatchObject({ id: one?.received.cursor, received: { notification: { subject: 'One' } } });
    expect(two?.received).toMatchObject({ kind: 'created', notification: { subject: 'Two' } });
  });

  it('inbox_changes limits the connections of one user and releases closed ones', async () => {
    const { bob } = app().people;
    const open = [await stream(bob, {}), await stream(bob, {}), await stream(bob, {})];

    const refused = await stream(bob, {});
    const answer = await refused.json();
    const closed = await new Promise((resolve) => {
      const socket = new WebSocket(`${app().url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: bob.token } })),
      );
      socket.on('close', resolve);
    });
    await Promise.all(open.map(({ body }) => body?.cancel()));
    let status = 429;
    while (status === 429) {
      const again = await stream(bob, {});
      status = again.status;
      await again.body?.cancel();
    }

    expect([refused.status, closed]).toEqual([429, 4429]);
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'REQUESTS_EXCEEDED' } }] });
    expect(status).toBe(200);
  });
});
