import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Person, useTestApp } from '../support/app.ts';
import { send } from '../support/client.ts';

const app = useTestApp({ MAX_BATCH_MUTATION: '50' });

interface Keyed {
  readonly as?: Person;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const request = ({ as = app().people.admin, method, path, body }: Keyed, key: string) =>
  send(app(), path, { as, method, body, headers: { 'idempotency-key': `"${key}"` } });

const twice = async (keyed: Keyed, key = randomUUID()) => ({
  first: await request(keyed, key),
  second: await request(keyed, key),
});

const replayed = (reply: { readonly headers: Headers }) => reply.headers.get('idempotency-replayed');
const countOf = async (subject: string) =>
  (await send(app(), `/notifications?filter[subject][_eq]=${subject}`, { as: app().people.admin })).body.data.length;

describe('a repeated request of Directus’ REST API', () => {
  it('a creation with a key happens once, and the repetition gets the same answer', async () => {
    const { alice } = app().people;
    const subject = randomUUID();
    const body = { recipient: alice.id, subject };

    const { first, second } = await twice({ method: 'POST', path: '/notifications', body });

    expect(first).toMatchObject({ status: 200, body: { data: { subject } } });
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect([replayed(first), replayed(second)]).toEqual([null, 'true']);
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(await countOf(subject)).toBe(1);
  });

  it('the key may be quoted in one request and bare in the other', async () => {
    const { admin, alice } = app().people;
    const key = randomUUID();
    const body = { recipient: alice.id, subject: key };
    const post = (header: string) =>
      send(app(), '/notifications', { as: admin, body, headers: { 'idempotency-key': header } });

    const first = await post(key);
    const second = await post(`"${key}"`);

    expect(second.body).toEqual(first.body);
    expect(await countOf(key)).toBe(1);
  });

  it('a list is created once, and the repetition gets a result for each item', async () => {
    const { alice, bob } = app().people;
    const subject = randomUUID();
    const body = [alice, bob].map(({ id }) => ({ recipient: id, subject }));

    const { first, second } = await twice({ method: 'POST', path: '/notifications', body });

    expect(second.body).toEqual(first.body);
    expect(first.body.data).toHaveLength(2);
    expect(await countOf(subject)).toBe(2);
  });

  it('a partial upsert reports each entry again, also those it refused', async () => {
    const body = [{ email: `${randomUUID()}@example.com` }, { email: 'not an address' }];

    const { first, second } = await twice({ method: 'PUT', path: '/users?partial=true', body });

    expect(first.body.data).toMatchObject([{ status: 'created' }, { status: 'refused' }]);
    expect(second.body).toEqual(first.body);
    expect(replayed(second)).toBe('true');
  });

  it('a change by query gets the same answer, although the query then finds nothing', async () => {
    const { admin, alice } = app().people;
    const subject = randomUUID();
    await send(app(), '/notifications', { as: admin, body: { recipient: alice.id, subject } });
    const query = { filter: { subject: { _eq: subject }, status: { _eq: 'inbox' } } };

    const body = { query, data: { status: 'archived' } };
    const { first, second } = await twice({ method: 'PATCH', path: '/notifications', body });

    expect(first.body.data).toMatchObject([{ subject, status: 'archived' }]);
    expect(second.body).toEqual(first.body);
  });

  it('a deletion answers 204 again, and takes one version', async () => {
    const { admin, alice } = app().people;
    const { body } = await send(app(), '/notifications', { as: admin, body: { recipient: alice.id, subject: 'x' } });

    const { first, second } = await twice({ method: 'DELETE', path: `/notifications/${body.data.id}` });

    expect([first.status, second.status]).toEqual([204, 204]);
    expect(replayed(second)).toBe('true');
  });

  it('another request with the same key is refused with 422', async () => {
    const { alice } = app().people;
    const key = randomUUID();
    const create = { method: 'POST', path: '/notifications' };
    await request({ ...create, body: { recipient: alice.id, subject: key } }, key);

    const others = [
      await request({ ...create, body: { recipient: alice.id, subject: 'another' } }, key),
      await request({ ...create, path: '/notifications?fields=id', body: { recipient: alice.id, subject: key } }, key),
      await request({ method: 'DELETE', path: '/notifications/1' }, key),
    ];

    for (const other of others) {
      expect(other).toMatchObject({
        status: 422,
        body: { errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] },
      });
    }
    expect(await countOf('another')).toBe(0);
  });

  it('the same key of another user is another key', async () => {
    const { admin, alice } = app().people;
    const key = randomUUID();
    const body = { status: 'inbox' };
    const { body: created } = await send(app(), '/notifications', {
      as: admin,
      body: { recipient: alice.id, subject: 'x' },
    });
    const change = { method: 'PATCH', path: `/notifications/${created.data.id}`, body };

    const own = await request({ ...change, as: alice }, key);
    const others = await request(change, key);

    expect([own.status, others.status]).toEqual([200, 200]);
    expect(replayed(others)).toBeNull();
  });

  it('a refused request leaves the key free: it may be corrected and sent again', async () => {
    const { alice } = app().people;
    const key = randomUUID();
    const create = { method: 'POST', path: '/notifications' };

    const refused = await request({ ...create, body: { recipient: randomUUID(), subject: key } }, key);
    const corrected = await request({ ...create, body: { recipient: alice.id, subject: key } }, key);

    expect(refused).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_FOREIGN_KEY' } }] } });
    expect(corrected.status).toBe(200);
    expect(replayed(corrected)).toBeNull();
  });

  it('a user who deletes themself with a key is deleted, and so are their keys', async () => {
    const { admin } = app().people;
    const token = `a-token-${randomUUID()}`;
    const { body } = await send(app(), '/users', { as: admin, body: { token, role: 'admin' } });
    const leaving = { id: body.data.id, token };
    await request({ as: leaving, method: 'PATCH', path: '/users/me', body: { first_name: 'Eve' } }, randomUUID());

    const reply = await request({ as: leaving, method: 'DELETE', path: `/users/${leaving.id}` }, randomUUID());

    expect(reply.status).toBe(204);
    expect(await app().db.prisma.idempotencyKey.count({ where: { user_id: leaving.id } })).toBe(0);
  });

  it('the key of a request without a token is checked and otherwise ignored', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const refused = await send(app(), '/notifications', { body: { subject: 'x' }, headers });

    expect(refused.status).toBe(403);
  });

  it('the key of a request that only reads is ignored, even a malformed one', async () => {
    const headers = { 'idempotency-key': '"' };
    const reply = await send(app(), '/notifications', { as: app().people.admin, headers });

    expect(reply.status).toBe(200);
  });
});

describe('a repeated request of Coder’s REST API', () => {
  it('a custom message is sent once', async () => {
    const { alice } = app().people;
    const body = { content: { title: randomUUID(), message: 'Hello' } };

    const { first, second } = await twice({ as: alice, method: 'POST', path: '/api/v2/notifications/custom', body });

    // Without a key, the second one would be a duplicate.
    expect([first.status, second.status]).toEqual([204, 204]);
    expect([replayed(first), replayed(second)]).toEqual([null, 'true']);
  });

  it('the read status is answered with the same body', async () => {
    const { admin, alice } = app().people;
    const { body: created } = await send(app(), '/notifications', {
      as: admin,
      body: { recipient: alice.id, subject: 'x' },
    });
    const inbox = await send(app(), '/api/v2/notifications/inbox', { as: alice });
    const { id } = inbox.body.notifications[0];
    const change = { as: alice, method: 'PUT', path: `/api/v2/notifications/inbox/${id}/read-status` };

    const { first, second } = await twice({ ...change, body: { is_read: true } });

    expect(created.data.id).toBeDefined();
    expect(first).toMatchObject({ status: 200, body: { notification: { id } } });
    expect(second).toMatchObject({ status: 200, body: first.body });
  });

  it('304 is answered again, although the settings have changed meanwhile', async () => {
    const { admin } = app().people;
    const put = { method: 'PUT', path: '/api/v2/notifications/settings' };
    await send(app(), put.path, { as: admin, method: 'PUT', body: { notifier_paused: false } });
    const key = randomUUID();

    const first = await request({ ...put, body: { notifier_paused: false } }, key);
    await send(app(), put.path, { as: admin, method: 'PUT', body: { notifier_paused: true } });
    const second = await request({ ...put, body: { notifier_paused: false } }, key);

    expect([first.status, second.status]).toEqual([304, 304]);
  });

  it('another request with the same key is refused with 422, in the format of Coder', async () => {
    const { alice } = app().people;
    const key = randomUUID();
    const custom = { as: alice, method: 'POST', path: '/api/v2/notifications/custom' };
    await request({ ...custom, body: { content: { title: key, message: 'Hello' } } }, key);

    const other = await request({ ...custom, body: { content: { title: 'another', message: 'Hello' } } }, key);

    expect(other).toMatchObject({ status: 422, body: { message: expect.stringContaining('idempotency key') } });
  });
});
