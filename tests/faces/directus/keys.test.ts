import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const app = useTestApp();

/** Texts that JavaScript converts to 10, and others that are not decimal integers. */
const invalidKeys = ['1e1', '0xa', '0b1010', '0o12', '+10', '010', '10.', '1%200', '10.5', '1_0', '٣'];

/** Creates the notification with the key 10 unless it exists. */
async function createTen(): Promise<void> {
  const { admin, bob } = app().people;
  const { body } = await send(app(), '/notifications/10', { as: admin });
  if (body.data === undefined) {
    await send(app(), '/notifications', { as: admin, body: { id: 10, recipient: bob.id, subject: 'ten' } });
  }
}

describe('a key', () => {
  it.each(invalidKeys)('the key %s is forbidden like an unknown one in every request', async (given) => {
    const { admin } = app().people;
    await createTen();
    const key = decodeURIComponent(given);
    const forbidden = [expect.objectContaining({ extensions: expect.objectContaining({ code: 'FORBIDDEN' }) })];
    const rest = [
      await send(app(), `/notifications/${given}`, { as: admin }),
      await send(app(), `/notifications/${given}`, { as: admin, method: 'PATCH', body: { subject: 'changed' } }),
      await send(app(), `/notifications/${given}`, { as: admin, method: 'DELETE' }),
      await send(app(), '/notifications', {
        as: admin,
        method: 'PATCH',
        body: { keys: [key], data: { subject: 'changed' } },
      }),
      await send(app(), '/notifications', { as: admin, method: 'DELETE', body: [key] }),
      await send(app(), '/notifications', { as: admin, method: 'SEARCH', body: { keys: [key] } }),
    ];
    const documents = [
      'query ($id: ID!) { notifications_by_id(id: $id) { id } }',
      'mutation ($id: ID!) { update_notifications_item(id: $id, data: { subject: "changed" }) { id } }',
      'mutation ($id: ID!) { delete_notifications_items(ids: [$id]) { ids } }',
      'mutation ($id: ID!) { set_notification_read_status(id: $id, is_read: true) { cursor } }',
    ];

    for (const { status, body } of rest)
      expect({ status, errors: body.errors }).toEqual({ status: 403, errors: forbidden });
    for (const document of documents) {
      const { body } = await graphql(app(), admin, document, { id: key });
      expect(body.errors).toEqual(forbidden);
    }
    const { body } = await send(app(), '/notifications/10', { as: admin });
    expect(body.data).toMatchObject({ id: 10, subject: 'ten' });
  });

  it.each(invalidKeys)('a search for %s does not find the key 10, and a filter refuses it', async (given) => {
    const { admin } = app().people;
    await createTen();
    const key = decodeURIComponent(given);

    const found = await send(app(), `/notifications?search=${given.replace('+', '%2B')}`, { as: admin });
    const filtered = await send(
      app(),
      `/notifications?filter=${encodeURIComponent(JSON.stringify({ id: { _eq: key } }))}`,
      {
        as: admin,
      },
    );

    expect(found.body.data).toEqual([]);
    expect(filtered).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_QUERY' } }] } });
  });

  it('the key 10.0 means 10 in paths and mutations, and not in a search', async () => {
    const { admin } = app().people;
    await createTen();
    const changed = await graphql(
      app(),
      admin,
      'mutation { update_notifications_item(id: "10.0", data: { status: "archived" }) { id status } }',
    );

    expect((await send(app(), '/notifications/10.0', { as: admin })).body.data).toMatchObject({ id: 10 });
    expect(changed.body.data.update_notifications_item).toEqual({ id: '10', status: 'archived' });
    expect((await send(app(), '/notifications?search=10.0', { as: admin })).body.data).toEqual([]);
    expect((await send(app(), '/notifications?search=10', { as: admin })).body.data).toMatchObject([{ id: 10 }]);
  });
});
