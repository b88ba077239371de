import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const change = `mutation ($data: change_inbox_input!) { change_inbox(data: $data) {
  id action changed skipped undoable_until undoes inbox { unread_count total_count saved_count notifications { id state } } } }`;
const undo =
  'mutation ($id: ID!) { undo_inbox_operation(id: $id) { action undoes changed skipped inbox { total_count } } }';

describe('change_inbox', () => {
  const app = useTestApp();
  const ask = async (query: string, variables: Record<string, unknown> = {}) =>
    (await graphql(app(), app().people.alice, query, variables)).body;
  const notify = async (count: number) => {
    const items = Array.from({ length: count }, () => ({ recipient: app().people.alice.id, subject: 'Hello' }));
    return (await createNotifications(app().contextOf(app().people.admin), items)).map(({ id }) => `${id}`);
  };

  it('archives all that the page could show, returns the inbox, and is undone', async () => {
    await notify(2);
    const { data: page } = await ask('{ inbox { cursor } }');
    const [later] = await notify(1);

    const { data: done } = await ask(change, { data: { all_up_to: page.inbox.cursor, action: 'archive' } });
    const { id, undoable_until } = done.change_inbox;
    const { data: undone } = await ask(undo, { id });

    expect(done.change_inbox).toMatchObject({
      action: 'archive',
      changed: 2,
      skipped: 1,
      undoes: null,
      inbox: { unread_count: 1, total_count: 1, saved_count: 0, notifications: [{ id: later, state: 'inbox' }] },
    });
    expect(Date.parse(undoable_until)).toBeGreaterThan(Date.now());
    expect(undone.undo_inbox_operation).toEqual({
      action: 'archive',
      undoes: id,
      changed: 2,
      skipped: 0,
      inbox: { total_count: 3 },
    });
  });

  it('the Directus and Coder APIs show a snoozed notification as archived', async () => {
    const [id] = await notify(1);
    const { alice } = app().people;

    const until = '2999-01-01T00:00:00Z';
    const { data } = await ask(change, { data: { ids: [id], action: 'snooze', until } });

    expect(data.change_inbox).toMatchObject({ changed: 1 });
    const headers = { authorization: `Bearer ${alice.token}`, 'coder-session-token': alice.token };
    const directus = await fetch(`${app().url}/notifications/${id}`, { headers });
    expect(await directus.json()).toMatchObject({ data: { status: 'archived' } });
    const coder = await fetch(`${app().url}/api/v2/notifications/inbox`, { headers });
    const { notifications } = (await coder.json()) as { notifications: readonly { readonly id: string }[] };
    const { data: row } = await ask(`{ notifications_by_id(id: "${id}") { uuid state snoozed_until } }`);
    expect(notifications.map((one) => one.id)).not.toContain(row.notifications_by_id.uuid);
    expect(row.notifications_by_id).toMatchObject({ state: 'snoozed', snoozed_until: '2999-01-01T00:00:00.000Z' });
  });

  it.each([
    [{ action: 'read' }, 'INVALID_PAYLOAD'],
    [{ action: 'read', ids: ['x'] }, 'FORBIDDEN'],
    [{ action: 'read', all_up_to: 'nonsense' }, 'INVALID_QUERY'],
    [{ action: 'delete', ids: ['1'] }, 'FORBIDDEN'],
  ])('refuses %j with %s', async (data, code) => {
    expect((await ask(change, { data })).errors[0]).toMatchObject({ extensions: { code } });
  });
});
