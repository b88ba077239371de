import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createNotifications } from '../../../src/notifications/write.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { connectionCut } from '../../support/cut-connections.ts';

const app = useTestApp({ QUERY_LIMIT_MAX: '50', STALLED_CONNECTION_MS: '500' });
const count = 2500;

beforeAll(async () => {
  const { admin, alice, bob } = app().people;
  await createNotifications(
    app().contextOf(admin),
    Array.from({ length: count }, (_, number) => ({
      recipient: number % 2 === 0 ? alice.id : bob.id,
      subject: `Number ${count - number}`,
      message: 'm'.repeat(8000),
    })),
  );
});
afterEach(() => void jest.restoreAllMocks());

const as = () => ({ as: app().people.admin });
const ask = (path: string) => send(app(), path, as());

/** Sends a request and reads only the beginning of the response. */
async function begin(path: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${app().people.admin.token}` };
  const [answer] = (await once(get(app().url + path, { headers }), 'response')) as [IncomingMessage];
  await once(answer, 'readable');
  return answer;
}

describe('an export of a list', () => {
  it('an export has all rows in order, also beyond the limit of one read', async () => {
    const { body, headers } = await ask('/notifications?limit=-1&export=json&fields=id,subject,recipient.email');

    expect(headers.get('content-disposition')).toMatch(/directus_notifications .*\.json/);
    expect(body).toHaveLength(count);
    expect(body[0]).toEqual({ id: 1, subject: `Number ${count}`, recipient: { email: 'alice@example.com' } });
    expect(body.map(({ id }: { id: number }) => id)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });

  it('an export applies sort, filter, search, limit and offset', async () => {
    const query = 'sort=-id&filter[recipient][email][_eq]=bob@example.com&search=Number&limit=600&offset=10';
    const { body } = await ask(`/notifications?${query}&export=csv&fields=id,recipient.email`);

    const lines = String(body).split('\n');
    expect(lines).toHaveLength(601);
    expect(lines.slice(0, 2)).toEqual(['"id","recipient.email"', `${count - 20},"bob@example.com"`]);
  });

  it('an export without a limit has as many rows as a read without a limit', async () => {
    const { body } = await ask('/notifications?export=json&fields=id');
    expect(body).toHaveLength(50);
  });

  it('a SEARCH by keys can be exported', async () => {
    const keys = Array.from({ length: 120 }, (_, index) => index + 1);
    const { body } = await send(app(), '/notifications', {
      ...as(),
      method: 'SEARCH',
      body: { keys, query: { export: 'json', fields: ['id'], sort: ['-id'] } },
    });

    expect(body.map(({ id }: { id: number }) => id)).toEqual(keys.toReversed());
  });

  it('users can be exported', async () => {
    const { body } = await ask('/users?limit=-1&export=json&fields=email&sort=email');
    expect(body).toEqual(['admin', 'alice', 'bob'].map((name) => ({ email: `${name}@example.com` })));
  });

  it.each([
    ['an unknown field', 'fields=nothing', 403],
    ['an invalid limit', 'limit=x', 400],
    ['an invalid filter', 'filter[id][_eq]=x&filter[id][_nothing]=1', 400],
  ])('an export with %s is refused before a file is sent', async (_what, query, status) => {
    const { status: answered, headers } = await ask(`/notifications?export=json&${query}`);

    expect(answered).toBe(status);
    expect(headers.get('content-disposition')).toBeNull();
  });

  it('an export by a member has only their own rows', async () => {
    const { body } = await send(app(), '/notifications?limit=-1&export=json&fields=id', { as: app().people.alice });
    expect(body).toHaveLength(count / 2);
  });

  it('an export is read from the database as fast as the client reads, and the connection of a stalled client is cut', async () => {
    const query = jest.spyOn(app().db.base.statements, 'query');
    const answer = await begin('/notifications?limit=-1&export=json&fields=id,message');

    // 20 MB do not fit into the buffers of the connection.
    await connectionCut(answer.socket);
    const statements = query.mock.calls.length;

    expect(statements).toBeLessThan(2 + count / 125);
  });
});
