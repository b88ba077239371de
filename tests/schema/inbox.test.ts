import { describe, expect, it } from '@jest/globals';
import { createNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { createUsers } from '../../src/users/write.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

describe('the inbox in GraphQL', () => {
  const app = useTestApp();
  let made = 0;

  /** A new user with `count` notifications, oldest first. */
  const aUserWith = async (count: number, more: object = {}) => {
    const admin = app().contextOf(app().people.admin);
    const token = `inbox-token-number-${++made}`;
    const [id = ''] = await createUsers(admin, [{ token }]);
    const items = Array.from({ length: count }, (_, index) => ({ recipient: id, subject: `${index}`, ...more }));
    const rows = await createNotifications(admin, items);
    return { person: { id, token } satisfies Person, rows };
  };
  const inbox = async (person: Person, args = '', fields = 'notifications { id subject } unread_count total_count') =>
    (await graphql(app(), person, `{ inbox${args} { ${fields} } }`)).body;
  const subjects = ({ data }: { data: { inbox: { notifications: { subject: string }[] } } }) =>
    data.inbox.notifications.map(({ subject }) => subject);

  it('the inbox of a user without notifications is empty', async () => {
    const { person } = await aUserWith(0);

    expect(await inbox(person)).toEqual({ data: { inbox: { notifications: [], unread_count: 0, total_count: 0 } } });
  });

  it('the inbox has pages of 25, newest first, without gap or overlap even for equal times', async () => {
    const { person, rows } = await aUserWith(40);

    const first = await inbox(person);
    const last = first.data.inbox.notifications.at(-1).id;
    const second = await inbox(person, `(starting_before: "${last}")`);
    const byUuid = await inbox(person, `(starting_before: "${rows.find(({ id }) => String(id) === last)?.uuid}")`);

    const expected = Array.from({ length: 40 }, (_, index) => `${39 - index}`);
    expect([...subjects(first), ...subjects(second)]).toEqual(expected);
    expect(byUuid).toEqual(second);
    expect([first, second].map(({ data }) => data.inbox.unread_count)).toEqual([40, 40]);
  });

  it('the inbox starts at the first page for an unknown or foreign key', async () => {
    const { person } = await aUserWith(2);
    const { rows } = await aUserWith(1);

    const answers = [
      await inbox(person, `(starting_before: "${rows[0]?.uuid}")`),
      await inbox(person, '(starting_before: 999999)'),
    ];

    expect(answers.map(subjects)).toEqual([
      ['1', '0'],
      ['1', '0'],
    ]);
  });

  it('the inbox lists future timestamps first and missing ones last, over all pages', async () => {
    const { person, rows } = await aUserWith(6);
    const admin = app().contextOf(app().people.admin);
    const stamp = (index: number, timestamp: string | null) =>
      updateNotifications(admin, [rows[index]?.id ?? 0], { timestamp });
    await stamp(0, '2999-01-01T00:00:00.000Z');
    await stamp(2, null);
    await stamp(4, null);

    const pages = [];
    for (let last: string | undefined; pages.length === 0 || last !== undefined; ) {
      const page = await inbox(person, `(limit: 1${last === undefined ? '' : `, starting_before: "${last}"`})`);
      last = page.data.inbox.notifications[0]?.id;
      pages.push(...subjects(page));
    }

    expect(pages).toEqual(['0', '5', '3', '1', '4', '2']);
    expect(subjects(await inbox(person))).toEqual(pages);
    expect(subjects(await inbox(person, '(until_now: true)'))).toEqual(pages.slice(1));
    expect(subjects(await inbox(person, `(until_now: true, starting_before: "${rows[0]?.id}")`))).toEqual(
      pages.slice(1),
    );
  });

  it('the inbox filters by text and read status without changing the counts', async () => {
    const { person, rows } = await aUserWith(3, { message: '100% sure' });
    await graphql(
      app(),
      person,
      'mutation ($id: ID!) { set_notification_read_status(id: $id, is_read: true) { kind } }',
      {
        id: rows[1]?.uuid,
      },
    );

    const [read, unread, found, literal] = [
      await inbox(person, '(read_status: read)'),
      await inbox(person, '(read_status: unread)'),
      await inbox(person, '(search: "100% SURE")'),
      await inbox(person, '(search: "1%sure")'),
    ];

    expect([read, unread, found, literal].map(subjects)).toEqual([['1'], ['2', '0'], ['2', '1', '0'], []]);
    expect(read.data.inbox).toMatchObject({ unread_count: 2, total_count: 3 });
  });

  it('marking read and unread returns the true count each time', async () => {
    const { person, rows } = await aUserWith(2);
    const mark = async (is_read: boolean) =>
      (
        await graphql(
          app(),
          person,
          `mutation ($id: ID!, $is_read: Boolean!) { set_notification_read_status(id: $id, is_read: $is_read) {
            kind key unread_count notification { read_at } } }`,
          { id: rows[0]?.id, is_read },
        )
      ).body.data.set_notification_read_status;

    const answers = [await mark(true), await mark(false)];

    const key = String(rows[0]?.id);
    expect(answers).toEqual([
      { kind: 'updated', key, unread_count: 1, notification: { read_at: expect.stringMatching(/Z$/) } },
      { kind: 'updated', key, unread_count: 2, notification: { read_at: null } },
    ]);
  });

  it('marking a foreign notification gives the same error as an unknown one', async () => {
    const { rows } = await aUserWith(1);
    const document = 'mutation ($id: ID!) { set_notification_read_status(id: $id, is_read: true) { kind } }';

    const [others, missing] = [
      await graphql(app(), app().people.bob, document, { id: rows[0]?.uuid }),
      await graphql(app(), app().people.bob, document, { id: '00000000-0000-4000-8000-000000000000' }),
    ];

    expect(others.body.errors[0].extensions).toEqual({ code: 'FORBIDDEN' });
    expect(missing.body).toEqual(others.body);
  });

  it('marking all read leaves later notifications unread', async () => {
    const { person } = await aUserWith(3);
    const admin = app().contextOf(app().people.admin);

    const marked = await graphql(
      app(),
      person,
      'mutation { mark_all_notifications_as_read { unread_count total_count notifications { read_at } } }',
    );
    await createNotifications(admin, [{ recipient: person.id, subject: 'later' }]);

    expect(marked.body.data.mark_all_notifications_as_read).toEqual({
      unread_count: 0,
      total_count: 3,
      notifications: Array(3).fill({ read_at: expect.stringMatching(/Z$/) }),
    });
    expect((await inbox(person)).data.inbox.unread_count).toBe(1);
  });

  it('the inbox leaves out archived notifications and keeps their read state', async () => {
    const { person, rows } = await aUserWith(2);
    const archive = (status: string) => updateNotifications(app().contextOf(person), [rows[0]?.id ?? 0], { status });

    await archive('archived');
    const without = await inbox(person);
    await archive('inbox');
    const again = await inbox(person);

    expect(without.data.inbox).toMatchObject({ unread_count: 1, total_count: 1 });
    expect(again.data.inbox).toMatchObject({ unread_count: 2, total_count: 2 });
    expect(subjects(without)).toEqual(['1']);
  });

  it('the cursor of the inbox changes with every write and only then', async () => {
    const { person, rows } = await aUserWith(1);
    const cursor = async () => (await inbox(person, '', 'cursor')).data.inbox.cursor;

    const before = [await cursor(), await cursor()];
    await updateNotifications(app().contextOf(person), [rows[0]?.id ?? 0], { status: 'archived' });
    const after = await cursor();

    expect(before[1]).toBe(before[0]);
    expect(after).not.toBe(before[0]);
  });

  it.each([
    ['(limit: -1)', 'INVALID_QUERY'],
    ['(limit: 1001)', 'INVALID_QUERY'],
    ['(targets: ["x"])', 'FAILED_VALIDATION'],
    ['(templates: ["x"])', 'FAILED_VALIDATION'],
    ['(starting_before: "x")', 'FAILED_VALIDATION'],
    ['(search: "\\u0000")', 'INVALID_QUERY'],
    [`(search: "${'a'.repeat(1001)}")`, 'INVALID_QUERY'],
    ['(read_status: some)', 'GRAPHQL_VALIDATION'],
  ])('the inbox refuses %s', async (args, code) => {
    expect((await inbox(app().people.bob, args)).errors).toMatchObject([{ extensions: { code } }]);
  });

  it('the inbox is refused to anonymous viewers', async () => {
    const { body } = await graphql(app(), undefined, '{ inbox { unread_count } }');

    expect(body.errors).toMatchObject([{ extensions: { code: 'INVALID_CREDENTIALS' } }]);
  });
});
