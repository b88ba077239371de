import { describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createNotifications, setReadStatus, updateNotifications } from '../../src/notifications/write.ts';
import { createUsers } from '../../src/users/write.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const page = '{ notifications { id seen } unread_count total_count unseen_count saved_count snoozed_count cursor }';
const markSeen = `mutation ($up_to: String) { mark_inbox_seen(up_to: $up_to) ${page} }`;

describe('what the recipient has seen', () => {
  const app = useTestApp();
  let made = 0;

  const notify = async (person: Person, count: number) => {
    const items = Array.from({ length: count }, (_, index) => ({ recipient: person.id, subject: `${index}` }));
    const rows = await createNotifications(app().contextOf(app().people.admin), items);
    return rows.map(({ id }) => id);
  };
  const aPerson = async (count: number) => {
    made += 1;
    const token = `token-of-seen-inbox-${made}`;
    const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ token }]);
    const person: Person = { id, token };
    return { person, ids: await notify(person, count) };
  };
  const ask = async (person: Person, query: string, variables: object = {}) => {
    const { body } = await graphql(app(), person, query, variables as Record<string, unknown>);
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  };
  const inboxOf = async (person: Person, args = '') => (await ask(person, `{ inbox${args} ${page} }`)).inbox;
  const seenOf = ({ notifications }: { notifications: { seen: boolean }[] }) => notifications.map(({ seen }) => seen);

  it('marks everything as seen up to a cursor, without reading it and without what came later', async () => {
    const { person } = await aPerson(2);
    const { cursor, ...before } = await inboxOf(person);
    await notify(person, 1);

    const { mark_inbox_seen: after } = await ask(person, markSeen, { up_to: cursor });

    expect(before).toMatchObject({ unseen_count: 2, unread_count: 2 });
    expect(after).toMatchObject({ unseen_count: 1, unread_count: 3, total_count: 3 });
    expect(seenOf(after)).toEqual([false, true, true]);
    const all = (await ask(person, markSeen)).mark_inbox_seen;
    expect(all).toMatchObject({ unseen_count: 0, unread_count: 3 });
    expect((await ask(person, markSeen)).mark_inbox_seen.cursor).toBe(all.cursor);
  });

  it('counts as seen what is read or archived, also after it is unread or in the inbox again', async () => {
    const { person, ids } = await aPerson(3);
    const context = app().contextOf(person);
    const [read = 0, archived = 0] = ids;

    await setReadStatus(context, read, true);
    await updateNotifications(context, [archived], { status: 'archived' });
    expect(await inboxOf(person)).toMatchObject({ unseen_count: 1, unread_count: 1 });
    await setReadStatus(context, read, false);
    await updateNotifications(context, [archived], { status: 'inbox' });

    expect(await inboxOf(person)).toMatchObject({ unseen_count: 1, unread_count: 3 });
    expect(seenOf(await inboxOf(person))).toEqual([false, true, true]);
  });

  it('shows the same in every list, and filters by it', async () => {
    const { person } = await aPerson(2);
    await ask(person, markSeen);
    const [id] = await notify(person, 1);

    const { notifications } = await ask(person, '{ notifications(sort: "-id") { seen } }');

    expect(notifications).toEqual([{ seen: false }, { seen: true }, { seen: true }]);
    expect((await inboxOf(person, '(filter: { seen: false })')).notifications).toEqual([{ id: `${id}`, seen: false }]);
    expect(seenOf(await inboxOf(person, '(filter: { not: { seen: false } })'))).toEqual([true, true]);
  });

  it('refuses a cursor of another inbox, and a text that is no cursor', async () => {
    const { person } = await aPerson(1);
    const { cursor } = await inboxOf((await aPerson(0)).person);

    for (const up_to of [cursor, 'nonsense']) {
      const { body } = await graphql(app(), person, markSeen, { up_to });
      expect(body.errors[0]).toMatchObject({ extensions: { code: 'INVALID_QUERY' } });
    }
  });

  it('filters by state, and refuses deep nesting', async () => {
    const { person, ids } = await aPerson(3);
    await updateNotifications(app().contextOf(person), [ids[0] ?? 0], { status: 'archived' });
    const states = async (filter: string) => {
      const { inbox } = await ask(person, `{ inbox(filter: ${filter}) { notifications { id state archived_at } } }`);
      return inbox.notifications.map(({ state }: { state: string }) => state);
    };

    expect(await states('{}')).toEqual(['inbox', 'inbox']);
    expect(await states('{ states: [archived] }')).toEqual(['archived']);
    expect(await states('{ states: [inbox, archived, snoozed] }')).toEqual(['inbox', 'inbox', 'archived']);
    expect(await states('{ states: [snoozed] }')).toEqual([]);
    expect(await states('{ states: [inbox, archived], not: { states: [inbox] } }')).toEqual(['archived']);
    expect(await states('{ not: { templates: ["00000000-0000-0000-0000-000000000000"] } }')).toEqual([
      'inbox',
      'inbox',
    ]);
    const deep = `{ inbox(filter: ${'{ not: '.repeat(6)}{ read: true }${' }'.repeat(6)}) { total_count } }`;
    const { body } = await graphql(app(), person, deep);
    expect(body.errors[0]).toMatchObject({ extensions: { code: 'INVALID_QUERY' } });
  });

  it('followers that select the figures are told when only they changed, others are not', async () => {
    const { person } = await aPerson(2);
    const client = createClient({
      url: `${app().url.replace('http', 'ws')}/graphql/system`,
      webSocketImpl: WebSocket,
      connectionParams: { access_token: person.token },
    });
    const { cursor } = await inboxOf(person);
    const follow = (fields: string) =>
      client.iterate<{ inbox_changes: unknown }>({
        query: `subscription ($after: String) { inbox_changes(after: $after) { kind key unread_count ${fields} } }`,
        variables: { after: cursor },
      });
    const [told, untold] = [follow('unseen_count'), follow('cursor')];

    await ask(person, markSeen);
    const first = await told.next();
    const [id] = await notify(person, 1);
    const second = await told.next();
    const only = await untold.next();
    await client.dispose();

    expect(first.value?.data).toEqual({
      inbox_changes: { kind: 'counted', key: null, unread_count: 2, unseen_count: 0 },
    });
    expect(second.value?.data).toEqual({
      inbox_changes: { kind: 'created', key: `${id}`, unread_count: 3, unseen_count: 1 },
    });
    expect(only.value?.data).toMatchObject({ inbox_changes: { kind: 'created', key: `${id}` } });
  });
});
