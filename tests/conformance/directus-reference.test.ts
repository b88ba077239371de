import { beforeAll, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

/**
 * The examples of the reference page of the Directus notifications API, unchanged except for keys and users. Examples
 * that Directus itself refuses are included.
 */
describe('every example of the reference page works as it is written', () => {
  const app = useTestApp();
  const ids: number[] = [];
  const message = (about: string) => `Hi there! You should check out these ${about}`;

  beforeAll(async () => {
    const { admin, alice } = app().people;
    for (let index = 0; index < 12; index += 1) {
      const body = { recipient: alice.id, subject: `Notification ${index}` };
      ids.push((await send(app(), '/notifications', { as: admin, body })).body.data.id);
    }
  });

  const rest = (path: string, method?: string, body?: unknown) =>
    send(app(), path, { as: app().people.admin, ...(method && { method }), ...(body !== undefined && { body }) });
  const query = (document: string) => graphql(app(), app().people.admin, document);
  const take = () => ids.pop() ?? 0;

  it('the examples that list by GET and SEARCH, and those that read one notification, work', async () => {
    const [list, search, one] = [
      await rest('/notifications'),
      await rest('/notifications', 'SEARCH', { query: { filter: { status: { _eq: 'inbox' } } } }),
      await rest(`/notifications/${ids[0]}`),
    ];

    expect([list.status, search.status, one.status]).toEqual([200, 200, 200]);
    expect(search.body.data).toEqual(list.body.data);
    expect(one.body.data).toEqual(list.body.data[0]);
  });

  it('the examples that query a list, or one notification by id, work', async () => {
    const list = await query('query { notifications { id recipient } }');
    const one = await query(`query { notifications_by_id(id: ${ids[0]}) { id recipient subject } }`);

    const recipient = app().people.alice.id;
    expect(list.body.data.notifications[0]).toEqual({ id: String(ids[0]), recipient });
    expect(one.body.data.notifications_by_id).toEqual({ id: String(ids[0]), recipient, subject: 'Notification 0' });
  });

  it('the examples that create one notification work', async () => {
    const { id } = app().people.alice;

    const byRest = await rest('/notifications', 'POST', { recipient: id, subject: 'Hi there!' });
    const byGraphQL = await query(
      `mutation { create_notifications_item(data: { recipient: "${id}", subject: "Hi there!" }) { id recipient } }`,
    );

    expect(byRest.body.data).toMatchObject({ recipient: id, subject: 'Hi there!', status: 'inbox' });
    expect(byGraphQL.body.data.create_notifications_item).toMatchObject({ recipient: id });
  });

  it('the examples that create several notifications with a message and no subject work', async () => {
    const { id } = app().people.alice;
    const items = ['files', 'articles'].map((about) => ({
      collection: `directus_${about}`,
      recipient: id,
      message: message(about),
    }));
    const literal = items.map(
      (item) => `{ collection: "${item.collection}", recipient: "${id}", message: "${item.message}" }`,
    );

    const byRest = await rest('/notifications', 'POST', items);
    const byGraphQL = await query(
      `mutation { create_notifications_items(data: [${literal.join(', ')}]) { id recipient subject } }`,
    );

    expect(byRest.body.data.map((row: { subject: string }) => row.subject)).toEqual(['files', 'articles'].map(message));
    expect(byGraphQL.body.data.create_notifications_items).toMatchObject(
      ['files', 'articles'].map((about) => ({ recipient: id, subject: message(about) })),
    );
  });

  it('the examples that update one notification work', async () => {
    const text = 'This is my updated notification';

    const byRest = await rest(`/notifications/${ids[0]}`, 'PATCH', { subject: text });
    const byGraphQL = await query(
      `mutation { update_notifications_item(id: "${ids[1]}", data: { message: "${text}" }) { id recipient } }`,
    );

    expect(byRest.body.data.subject).toBe(text);
    expect(byGraphQL.body.data.update_notifications_item.id).toBe(String(ids[1]));
  });

  it('the examples that update several notifications by keys, as numbers or text, work', async () => {
    const [first, second] = ids;

    const byRest = await rest('/notifications', 'PATCH', {
      keys: [String(first), second],
      data: { message: 'Updated message!' },
    });
    const byGraphQL = await query(
      `mutation { update_notifications_items(ids: [${first}, "${second}"], data: { message: "Updated again!" }) { id recipient } }`,
    );

    expect(byRest.body.data.map((row: { message: string }) => row.message)).toEqual(Array(2).fill('Updated message!'));
    expect(byGraphQL.body.data.update_notifications_items).toHaveLength(2);
  });

  it('the examples that delete one or several notifications work', async () => {
    const [one, two, three, four, five, six] = [take(), take(), take(), take(), take(), take()];

    const answers = [
      (await rest(`/notifications/${one}`, 'DELETE')).status,
      (await rest('/notifications', 'DELETE', [two, three])).status,
      (await query(`mutation { delete_notifications_item(id: ${four}) { id } }`)).body.data,
      (await query(`mutation { delete_notifications_items(ids: [${five}, "${six}"]) { ids } }`)).body.data,
    ];

    expect(answers).toEqual([
      204,
      204,
      { delete_notifications_item: { id: String(four) } },
      { delete_notifications_items: { ids: [String(five), String(six)] } },
    ]);
  });
});
