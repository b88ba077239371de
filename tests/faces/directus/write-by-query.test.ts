import { beforeEach, describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../../src/notifications/write.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp({ QUERY_LIMIT_MAX: '3', MAX_BATCH_MUTATION: '5' });

const create = (count: number) =>
  createNotifications(
    app().contextOf(app().people.admin),
    Array.from({ length: count }, (_, number) => ({ recipient: app().people.alice.id, subject: `Number ${number}` })),
  );
const as = () => ({ as: app().people.admin });
const every = { limit: -1 };
const ids = async () => {
  const rows = await app().db.query<{ id: number; status: string }>({
    text: 'select id, status from notifications order by id',
    values: [],
  });
  return rows;
};

beforeEach(() => app().db.query({ text: 'delete from notifications', values: [] }));

describe('a read of all', () => {
  it('a read returns at most the number of rows that /server/info states', async () => {
    await create(4);

    const { body } = await send(app(), '/notifications?limit=-1', as());
    const info = await send(app(), '/server/info', as());

    expect(body.data).toHaveLength(3);
    expect(info.body.data.queryLimit.max).toBe(3);
  });
});

describe('a write by query', () => {
  it('a write by query with a limit of -1 changes all rows, also those beyond the maximum of a read', async () => {
    await create(5);

    const changed = await send(app(), '/notifications', {
      ...as(),
      method: 'PATCH',
      body: { query: every, data: { status: 'archived' } },
    });
    const archived = (await ids()).filter(({ status }) => status === 'archived');
    const deleted = await send(app(), '/notifications', { ...as(), method: 'DELETE', body: { query: every } });

    expect(changed.status).toBe(200);
    expect(archived).toHaveLength(5);
    expect(deleted.status).toBe(204);
    await expect(ids()).resolves.toEqual([]);
  });

  it.each([
    ['PATCH', { query: every, data: { status: 'archived' } }],
    ['DELETE', { query: every }],
  ])('a %s by query is refused completely if it selects more rows than one write may change', async (method, body) => {
    await create(3);
    await create(3);

    const refused = await send(app(), '/notifications', { ...as(), method, body });

    expect(refused.status).toBe(400);
    expect(refused.body.errors[0]).toMatchObject({
      message: expect.stringContaining('6 items'),
      extensions: { code: 'INVALID_PAYLOAD' },
    });
    expect((await ids()).map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'inbox'));
  });

  it('a write by query on users changes all of them, or none', async () => {
    const body = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, number) => ({ email: `${prefix}${number}@example.com`, location: 'Here' }));
    const query = { filter: { location: { _eq: 'Here' } }, limit: -1 };
    await send(app(), '/users', { ...as(), body: body('a', 5) });

    const changed = await send(app(), '/users', { ...as(), method: 'PATCH', body: { query, data: { title: 'Dr' } } });
    await send(app(), '/users', { ...as(), body: body('b', 1) });
    const refused = await send(app(), '/users', { ...as(), method: 'DELETE', body: { query } });
    const counted = await app().db.query({ text: "select 1 from users where location = 'Here'", values: [] });

    expect(changed.body.data).toHaveLength(5);
    expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
    expect(counted).toHaveLength(6);
  });

  it('a write by query without a limit changes as many rows as a read returns', async () => {
    await create(5);

    await send(app(), '/notifications', { ...as(), method: 'DELETE', body: { query: {} } });

    await expect(ids()).resolves.toHaveLength(2);
  });
});
