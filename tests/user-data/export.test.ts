import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { type ExportLine, exportUser } from '../../src/user-data/export-user.ts';
import { updateUsers } from '../../src/users/write.ts';
import { failureOf } from '../notifications/people.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp();

const linesOf = (text: string): ExportLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The data of the lines of one type. */
const ofType = (lines: readonly ExportLine[], type: string) =>
  lines.filter((line) => line.type === type).map(({ data }) => data);

const entries = async (user: string) => {
  const { body } = await graphql(
    app(),
    app().people.admin,
    'query ($user: ID) { audit_log(user: $user) { actor action user_id } }',
    { user },
  );
  return body.data.audit_log;
};

describe('GET /users/:id/export', () => {
  it('sends what is stored about a user, one JSON value per line', async () => {
    const { admin, alice, bob } = app().people;
    await createNotifications(app().contextOf(admin), [
      { recipient: alice.id, sender: bob.id, subject: 'To Alice', message: 'Hello' },
      { recipient: bob.id, sender: alice.id, subject: 'From Alice', message: 'Hi' },
    ]);

    const { status, headers, body } = await send(app(), '/users/me/export', { as: alice });

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/jsonl');
    expect(headers.get('cache-control')).toBe('no-store');
    const lines = linesOf(body);
    expect(lines[0]).toMatchObject({ type: 'export', data: { version: 1, user_id: alice.id } });
    expect(ofType(lines, 'profile')).toMatchObject([{ id: alice.id, first_name: 'Alice', has_password: false }]);
    expect(ofType(lines, 'token')).toMatchObject([{ name: 'static' }]);
    expect(ofType(lines, 'notification')).toMatchObject([{ subject: 'To Alice', sender_id: bob.id }]);
    expect(ofType(lines, 'sent_notification')).toMatchObject([{ subject: 'From Alice', recipient_id: bob.id }]);
    expect(lines.at(-1)).toEqual({ type: 'end', data: { lines: lines.length } });
    expect(body).not.toContain('the-token-of-alice');
  });

  it('records each export, by whom and of whom', async () => {
    const { admin, bob } = app().people;

    const { status } = await send(app(), '/users/bob@example.com/export', { as: admin });

    expect(status).toBe(200);
    expect(await entries(bob.id)).toEqual([{ actor: admin.id, action: 'export_user', user_id: bob.id }]);
  });

  it('refuses members the data of others, and everybody that of nobody, without a record', async () => {
    const { admin, alice } = app().people;
    const nobody = '01a22c8a-0000-7000-8000-000000000000';

    for (const [key, as] of [
      ['admin@example.com', alice],
      [admin.id, alice],
      [nobody, admin],
      ['nobody@example.com', admin],
    ] as const) {
      const { status, body } = await send(app(), `/users/${key}/export`, { as });
      expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    }
    expect(await entries(admin.id)).toEqual([]);
    expect(await entries(nobody)).toEqual([]);
  });
});

describe('exportUser', () => {
  const begin = async () => {
    const { admin, bob } = app().people;
    const lines = await exportUser(app().contextOf(admin), bob.id);
    return { lines, first: await lines.next() };
  };

  it('a viewer has one export at a time, and the place is free when the reader stops', async () => {
    const { lines } = await begin();

    expect(await failureOf(begin())).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'export' });
    await lines.return(undefined);

    const next = await begin();
    await next.lines.return(undefined);
  });

  it('all lines are as of the first row that is read', async () => {
    const { admin, bob } = app().people;
    const context = app().contextOf(admin);
    const items = Array.from({ length: 30 }, (_, index) => ({ recipient: bob.id, subject: `Number ${index}` }));
    await createNotifications(context, items);
    const expected = await app().db.prisma.notification.count({ where: { recipient_id: bob.id } });

    const lines: ExportLine[] = [];
    for await (const line of await exportUser(context, bob.id)) {
      lines.push(line);
      if (line.type !== 'profile') continue;
      await createNotifications(context, items);
      await updateUsers(context, [bob.id], { first_name: 'Changed' });
    }

    expect(ofType(lines, 'notification')).toHaveLength(expected);
    expect(ofType(lines, 'inbox')).toMatchObject([{ total: expected }]);
  });

  it('sends the same lines to a subscription', async () => {
    const { alice } = app().people;
    const reply = await fetch(`${app().url}/graphql/system`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${alice.token}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ query: 'subscription { export_user { type data } }' }),
    });

    const types = [...(await reply.text()).matchAll(/"type":"(\w+)","data"/g)].map(([, type]) => type);

    expect(types[0]).toBe('export');
    expect(types.at(-1)).toBe('end');
    expect(types).toContain('profile');
  });
});

describe('audit_log', () => {
  it('pages from the newest entry to the oldest', async () => {
    const { admin, alice } = app().people;
    for (let count = 0; count < 3; count += 1) await send(app(), '/users/me/export', { as: alice });
    const page = async (after?: string) => {
      const query = 'query ($after: ID) { audit_log(user: "alice@example.com", limit: 2, after: $after) { id at } }';
      const { body } = await graphql(app(), admin, query, { after });
      return body.data.audit_log as { readonly id: string; readonly at: string }[];
    };

    const first = await page();
    const second = await page(first[1]?.id);

    const ids = [...first, ...second].map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
  });

  it('refuses members, and a malformed page', async () => {
    const { admin, alice } = app().people;
    const codeOf = async (as: typeof admin, args: string) =>
      (await graphql(app(), as, `{ audit_log${args} { id } }`)).body.errors?.[0].extensions.code;

    expect(await codeOf(alice, '')).toBe('FORBIDDEN');
    expect(await codeOf(admin, '(after: "x")')).toBe('FAILED_VALIDATION');
    expect(await codeOf(admin, '(limit: 1001)')).toBe('INVALID_QUERY');
    expect(await codeOf(admin, '(user: "nobody")')).toBeUndefined();
  });
});
