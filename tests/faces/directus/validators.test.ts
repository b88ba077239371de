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
    'is not sent again to whom has it: %s',
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

  it('is one item, too, and its head', async () => {
    const etag = await tagOf(`/notifications/${id}`);

    expect(await get(`/notifications/${id}`, { 'if-none-match': etag })).toMatchObject({ status: 304 });
    expect((await get(`/notifications/${id}`, {}, 'HEAD')).headers.get('etag')).toBe(etag);
    expect(await get(`/notifications/${id}`, { 'if-none-match': etag }, 'HEAD')).toMatchObject({ status: 304 });
  });

  it.each<[string, (etag: string) => string, number]>([
    ['a list that has it', (etag) => `"a", ${etag} , W/"b"`, 304],
    ['a list without it', () => '"a", W/"b"', 200],
    ['the same as a strong one', (etag) => etag.slice(2), 304],
    ['any', () => '*', 304],
    ['any, with blanks', () => ' * ', 304],
    ['nothing', () => '', 200],
    ['no tag', (etag) => etag.slice(3, -1), 200],
  ])('understands %s', async (_what, header, status) => {
    const etag = await tagOf('/notifications');

    expect(await get('/notifications', { 'if-none-match': header(etag) })).toMatchObject({ status });
  });

  it('is sent anew once it has changed', async () => {
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

  it('is an error whatever is named', async () => {
    expect(await get('/notifications/999999', { 'if-none-match': '*' })).toMatchObject({ status: 403 });
    expect(await get('/notifications?fields=nope', { 'if-none-match': '*' })).toMatchObject({ status: 403 });
  });

  it('has no validator where it is a file, a search or a write', async () => {
    const { alice, admin } = app().people;
    const replies = [
      await get('/notifications?export=csv', { 'if-none-match': '*' }),
      await send(app(), '/notifications', { as: alice, method: 'SEARCH', body: {}, headers: { 'if-none-match': '*' } }),
      await send(app(), '/notifications', { as: admin, body: [], headers: { 'if-none-match': '*' } }),
    ];

    expect(replies.map(({ status, headers }) => [status, headers.get('etag')])).toEqual(Array(3).fill([200, null]));
  });
});

describe('the names of validators', () => {
  it('an ETag may contain commas', () => {
    expect(matchesEtag('W/"a,b"', '"a", "a,b"')).toBe(true);
    expect(matchesEtag('W/"a"', '"a,b"')).toBe(false);
  });
});
