import { beforeAll, describe, expect, it } from '@jest/globals';
import { matchesEtag } from '../../../src/faces/directus/validators.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp();
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  send(app(), path, { as: app().people.alice, headers, method });
const tagOf = async (path: string) => String((await get(path)).headers.get('etag'));
let id = 0;

beforeAll(async () => {
  const { admin, alice } = app().people;
  const body = { recipient: alice.id, subject: 'One' };
  id = (await send(app(), '/notifications', { as: admin, body })).body.data.id;
});

describe('a read over REST', () => {
  it.each(['/notifications', '/notifications?aggregate[count]=*', '/notifications?limit=0', '/users', '/users/me'])(
    'a read with a matching ETag is answered 304: %s',
    async (path) => {
      const first = await get(path);
      const etag = String(first.headers.get('etag'));
      const again = await get(path, { 'if-none-match': etag });

      expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
      expect(again).toMatchObject({ status: 304, body: '' });
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('cache-control')).toBe('no-cache');
      expect(again.headers.get('vary')).toBe(first.headers.get('vary'));
      expect(again.headers.get('content-type')).toBeNull();
    },
  );

  it('a single row and its HEAD have an ETag', async () => {
    const etag = await tagOf(`/notifications/${id}`);

    expect(await get(`/notifications/${id}`, { 'if-none-match': etag })).toMatchObject({ status: 304 });
    expect((await get(`/notifications/${id}`, {}, 'HEAD')).headers.get('etag')).toBe(etag);
    expect(await get(`/notifications/${id}`, { 'if-none-match': etag }, 'HEAD')).toMatchObject({ status: 304 });
  });

  it.each<[string, (etag: string) => string, number]>([
    ['a list with the ETag', (etag) => `"a", ${etag} , W/"b"`, 304],
    ['a list without the ETag', () => '"a", W/"b"', 200],
    ['the same ETag as a strong one', (etag) => etag.slice(2), 304],
    ['*', () => '*', 304],
    ['* with spaces', () => ' * ', 304],
    ['empty', () => '', 200],
    ['an ETag without quotes', (etag) => etag.slice(3, -1), 200],
  ])('If-None-Match may be %s', async (_what, header, status) => {
    const etag = await tagOf('/notifications');

    expect(await get('/notifications', { 'if-none-match': header(etag) })).toMatchObject({ status });
  });

  it('a changed list is sent with another ETag', async () => {
    const etag = await tagOf('/notifications');
    await send(app(), `/notifications/${id}`, {
      as: app().people.alice,
      method: 'PATCH',
      body: { status: 'archived' },
    });
    const again = await get('/notifications', { 'if-none-match': etag });

    expect(again).toMatchObject({ status: 200, body: { data: [{ id, status: 'archived' }] } });
    expect(again.headers.get('etag')).not.toBe(etag);
  });

  it('an error is not replaced by 304', async () => {
    expect(await get('/notifications/999999', { 'if-none-match': '*' })).toMatchObject({ status: 403 });
    expect(await get('/notifications?fields=nope', { 'if-none-match': '*' })).toMatchObject({ status: 403 });
  });

  it('an export, a SEARCH and a write have no ETag', async () => {
    const { alice, admin } = app().people;
    const replies = [
      await get('/notifications?export=csv', { 'if-none-match': '*' }),
      await send(app(), '/notifications', { as: alice, method: 'SEARCH', body: {}, headers: { 'if-none-match': '*' } }),
      await send(app(), '/notifications', { as: admin, body: [], headers: { 'if-none-match': '*' } }),
    ];

    expect(replies.map(({ status, headers }) => [status, headers.get('etag')])).toEqual(Array(3).fill([200, null]));
  });
});

describe('an ETag', () => {
  it('an ETag may contain commas', () => {
    expect(matchesEtag('W/"a,b"', '"a", "a,b"')).toBe(true);
    expect(matchesEtag('W/"a"', '"a,b"')).toBe(false);
  });
});
