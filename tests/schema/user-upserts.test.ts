import { describe, expect, it } from '@jest/globals';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp();
const document = `mutation ($data: [upsert_directus_users_input!]!, $partial: Boolean) {
  upsert_users(data: $data, partial: $partial) { index status id field code reason } }`;
const upsert = async (as: Person, data: readonly object[], partial?: boolean) =>
  (await graphql(app(), as, document, { data, partial })).body;
const put = (as: Person | undefined, body: unknown, query = '') =>
  send(app(), `/users${query}`, { ...(as && { as }), method: 'PUT', body });

describe('upsert_users', () => {
  it('returns a result for each user, and the reason of a refusal', async () => {
    const { admin } = app().people;
    const email = 'grace@example.com';
    const [{ id }] = (await upsert(admin, [{ email }])).data.upsert_users;

    const { data } = await upsert(
      admin,
      [{ external_id: 'g-1' }, { external_id: 'g-2', email: 'nope' }, { email, title: 'Dr' }],
      true,
    );

    expect(data.upsert_users).toEqual([
      { index: 0, status: 'created', id: expect.any(String), field: null, code: null, reason: null },
      {
        index: 1,
        status: 'refused',
        id: null,
        field: 'email',
        code: 'FAILED_VALIDATION',
        reason: expect.stringContaining('e-mail'),
      },
      { index: 2, status: 'updated', id, field: null, code: null, reason: null },
    ]);
  });

  it('refuses the whole list by default, naming index and value', async () => {
    const { errors } = await upsert(app().people.admin, [
      { external_id: 'h-1' },
      { external_id: 'h-2', email: 'nope' },
    ]);

    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^Entry 1 \(email: "nope"\): /),
        extensions: { code: 'FAILED_VALIDATION', field: 'email', value: 'nope', index: 1 },
      },
    ]);
    expect((await upsert(app().people.admin, [{ external_id: 'h-1' }])).data.upsert_users).toMatchObject([
      { status: 'created' },
    ]);
  });

  it('is for admins', async () => {
    expect((await upsert(app().people.alice, [{ external_id: 'x' }])).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });
});

describe('PUT /users', () => {
  it('creates and updates the users of a list', async () => {
    const { admin } = app().people;

    const created = await put(admin, [{ external_id: 'r-1', first_name: 'Ann' }, { external_id: 7 }]);
    const again = await put(admin, [
      { external_id: 'r-1', first_name: 'Ann' },
      { external_id: '7', title: 'Dr' },
    ]);

    expect(created).toMatchObject({ status: 200, body: { data: [{ status: 'created' }, { status: 'created' }] } });
    expect(again).toMatchObject({ status: 200, body: { data: [{ status: 'unchanged' }, { status: 'updated' }] } });
    expect(again.body.data.map(({ id }: { id: string }) => id)).toEqual(
      created.body.data.map(({ id }: { id: string }) => id),
    );
  });

  it('stores the valid entries of a list with invalid ones only on request', async () => {
    const { admin } = app().people;
    const list = [{ external_id: 'r-2' }, { external_id: 'r-3', timezone: 'Mars' }];

    expect(await put(admin, list)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'FAILED_VALIDATION', field: 'timezone', index: 1, value: 'Mars' } }] },
    });
    expect((await put(admin, list, '?partial=true')).body.data).toMatchObject([
      { status: 'created' },
      { status: 'refused', field: 'timezone' },
    ]);
  });

  it.each([
    ['a body that is no list', { external_id: 'a' }, 400, 'INVALID_PAYLOAD'],
    ['a password', [{ external_id: 'a', password: 'secret-secret' }], 400, 'INVALID_PAYLOAD'],
    ['a value of another type', [{ external_id: 'a', first_name: {} }], 400, 'FAILED_VALIDATION'],
  ])('refuses %s', async (_title, body, status, code) => {
    const reply = await put(app().people.admin, body);

    expect(reply).toMatchObject({ status, body: { errors: [{ extensions: { code } }] } });
  });

  it('is refused to members and without a token', async () => {
    expect(await put(app().people.alice, [{ external_id: 'a' }])).toMatchObject({ status: 403 });
    expect((await put(undefined, [{ external_id: 'a' }])).status).toBeGreaterThanOrEqual(401);
  });

  it('is among the methods that OPTIONS lists', async () => {
    const { headers } = await send(app(), '/users', { method: 'OPTIONS' });

    expect(headers.get('allow')?.split(',')).toContain('PUT');
  });
});
