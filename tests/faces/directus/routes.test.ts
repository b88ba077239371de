import { beforeAll, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';

const app = useTestApp();

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

type Person = 'admin' | 'alice' | 'bob' | 'nobody';

async function ask(who: Person, request: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const [method = '', path = ''] = request.split(' ');
  const { url, people } = app();
  const reply = await fetch(url + path, {
    method,
    headers: {
      ...(who !== 'nobody' && { authorization: `Bearer ${people[who].token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  const isJson = reply.headers.get('content-type')?.startsWith('application/json');
  return { status: reply.status, headers: reply.headers, text, body: isJson && text ? JSON.parse(text) : undefined };
}

const failing = (status: number, ...codes: string[]) =>
  expect.objectContaining({
    status,
    body: {
      errors: codes.map((code) => ({ message: expect.any(String), extensions: expect.objectContaining({ code }) })),
    },
  });
const showing = (data: unknown) => expect.objectContaining({ status: 200, body: { data } });

/** Notifications 1 … 3: two to Alice, one to Bob. */
beforeAll(async () => {
  const { alice, bob } = app().people;
  await ask('admin', 'POST /notifications', [
    { recipient: alice.id, sender: bob.id, subject: 'One', message: 'first' },
    { recipient: alice.id, subject: 'Two' },
    { recipient: bob.id, subject: 'Three', status: 'archived' },
  ]);
});

describe('every answer', () => {
  it('a response is JSON that caches must revalidate', async () => {
    const { headers } = await ask('admin', 'GET /notifications');

    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('vary')).toBe('Origin, Cache-Control');
  });

  it('a response without a body has no content type', async () => {
    const reply = await ask('admin', 'DELETE /notifications', [4711]);

    expect(reply).toMatchObject({ status: 204, text: '' });
    expect(reply.headers.get('content-type')).toBeNull();
  });

  it('a path may have a trailing slash', async () => {
    expect(await ask('admin', 'GET /notifications/?fields=id')).toEqual(showing([{ id: 1 }, { id: 2 }, { id: 3 }]));
    expect(await ask('admin', 'GET /notifications/1/?fields=id')).toEqual(showing({ id: 1 }));
  });

  it('the response to HEAD has no body', async () => {
    expect(await ask('admin', 'HEAD /notifications')).toMatchObject({ status: 200, text: '' });
    expect(await ask('admin', 'HEAD /notifications/99')).toMatchObject({ status: 403, text: '' });
  });

  it('the response to OPTIONS lists the methods', async () => {
    const reply = await ask('nobody', 'OPTIONS /notifications');

    expect(reply.status).toBe(200);
    expect(reply.headers.get('allow')).toBe('POST,GET,HEAD,SEARCH,PATCH,DELETE');
  });

  it.each(['PUT /notifications', 'POST /notifications/1', 'SEARCH /notifications/1', 'DELETE /nope', 'POST /users/me'])(
    'an unknown route is ROUTE_NOT_FOUND: %s',
    async (request) => {
      expect(await ask('admin', request, {})).toEqual(failing(404, 'ROUTE_NOT_FOUND'));
    },
  );

  it.each(['admin', 'nobody'] as const)('system collections are forbidden below /items (%s)', async (who) => {
    expect(await ask(who, 'GET /items/directus_notifications')).toEqual(failing(403, 'FORBIDDEN'));
  });
});

describe('bodies', () => {
  it.each<[string, Record<string, string>]>([
    ['', { 'content-type': 'application/json' }],
    ['{"subject":"x"}', { 'content-type': 'text/plain' }],
    ['subject=x', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('a body counts as empty when it is empty or not JSON: %j with %j', async (text, headers) => {
    const reply = await ask('admin', 'POST /notifications', text, headers);

    expect(reply).toEqual(failing(400, 'FAILED_VALIDATION', 'FAILED_VALIDATION'));
  });

  it.each(['{"subject":', '"text"', '1', 'null', `{"subject":"${'x'.repeat(1024 * 1024)}"}`])(
    'a body that is malformed, too large or neither object nor list is refused',
    async (text) => {
      expect(await ask('admin', 'POST /notifications', text)).toEqual(failing(400, 'INVALID_PAYLOAD'));
    },
  );

  it.each<[string, unknown]>([
    ['SEARCH', []],
    ['SEARCH', { keys: [1], extra: 1 }],
    ['SEARCH', { keys: 1 }],
    ['SEARCH', { query: [] }],
    ['PATCH', {}],
    ['PATCH', { keys: [1], query: {}, data: {} }],
    ['PATCH', { keys: [1], data: [] }],
    ['PATCH', { keys: [1], data: {}, extra: 1 }],
    ['PATCH', [{ status: 'inbox' }]],
    ['PATCH', [1]],
    ['DELETE', {}],
    ['DELETE', { keys: [1], query: {} }],
    ['DELETE', [{}]],
  ])('an invalid body of %s is refused: %j', async (method, body) => {
    expect(await ask('admin', `${method} /notifications`, body)).toEqual(failing(400, 'INVALID_PAYLOAD'));
  });
});

describe('reading', () => {
  it('a key that is not an integer is forbidden like an unknown one', async () => {
    expect(await ask('admin', 'GET /notifications/1.0?fields=id')).toEqual(showing({ id: 1 }));
    expect(await ask('admin', 'GET /notifications/1.5')).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'SEARCH /notifications', { keys: ['abc'] })).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'DELETE /notifications', ['abc'])).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('a row that does not match the filter is forbidden like an unknown one', async () => {
    expect(await ask('admin', 'GET /notifications/1?filter[status]=inbox&fields=id')).toEqual(showing({ id: 1 }));
    expect(await ask('admin', 'GET /notifications/1?filter[status]=archived')).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('the query of a body replaces the one of the URL', async () => {
    const body = { query: { filter: { status: 'inbox' }, fields: 'id' }, keys: [3, '2', 2] };

    expect(await ask('admin', 'SEARCH /notifications?fields=subject', body)).toEqual(showing([{ id: 2 }]));
    expect(await ask('admin', 'SEARCH /notifications?fields=subject&limit=1', {})).toEqual(
      showing([{ subject: 'One' }]),
    );
    expect(await ask('admin', 'SEARCH /notifications', { keys: [] })).toEqual(showing([]));
  });

  it('the counts of meta do not depend on the page', async () => {
    const reply = await ask('admin', 'GET /notifications?fields=id&meta=*&filter[status]=inbox&limit=1');

    expect(reply.body).toEqual({ data: [{ id: 1 }], meta: { total_count: 3, filter_count: 2 } });
  });

  it('rows can be grouped by parts of a time', async () => {
    const year = new Date().getUTCFullYear();
    const reply = await ask('admin', 'GET /notifications?groupBy=status,year(timestamp)&aggregate={"count":"*"}');

    expect(reply).toEqual(
      showing([
        { status: 'archived', timestamp_year: year, count: '1' },
        { status: 'inbox', timestamp_year: year, count: '2' },
      ]),
    );
  });

  it('a filter in deep applies to the related row', async () => {
    const deep = JSON.stringify({ sender: { _filter: { first_name: 'Alice' } } });

    expect(await ask('admin', `GET /notifications/1?fields=sender.first_name&deep=${deep}`)).toEqual(
      showing({ sender: null }),
    );
  });

  it('a repeated request gets the same response', async () => {
    const request = 'GET /notifications?fields=id,year(timestamp),recipient.email&filter[id][_in]=1,3&sort=-id';
    const replies = [];
    for (let run = 0; run < 5; run += 1) replies.push((await ask('admin', request)).text);

    expect(new Set(replies).size).toBe(1);
    expect((await ask('alice', request)).body).toMatchObject({ data: [{ id: 1 }] });
  });

  it('an export is a file with a name', async () => {
    const reply = await ask('admin', 'GET /notifications?fields=id,sender.email&limit=1&export=csv_utf8');

    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toMatch(
      /^attachment; filename="directus_notifications \d{8}-\d{5,6}\.csv"$/,
    );
    expect(reply.text).toMatch(/"id","sender.email"\n1,"bob@example.com"$/);
  });
});

describe('writing', () => {
  it('a write whose response is forbidden writes nothing', async () => {
    for (const query of ['fields=nope', 'sort=nope', 'filter[nope]=1']) {
      expect(await ask('admin', `PATCH /notifications/2?${query}`, { subject: 'X' })).toEqual(
        failing(403, 'FORBIDDEN'),
      );
      const body = { recipient: app().people.bob.id, subject: 'X' };
      expect(await ask('admin', `POST /notifications?${query}`, body)).toEqual(failing(403, 'FORBIDDEN'));
      expect(await ask('admin', `POST /notifications?${query}`, [body])).toEqual(failing(403, 'FORBIDDEN'));
    }

    expect(await ask('admin', 'GET /notifications?filter[subject]=X')).toEqual(showing([]));
  });

  it('a write whose row does not match the filter is answered 204', async () => {
    const hidden = await ask('admin', 'PATCH /notifications/2?filter[item]=no', { item: 'yes' });

    expect(hidden).toMatchObject({ status: 204, text: '' });
    expect(await ask('admin', 'PATCH /notifications/2?filter[item]=yes&fields=item', {})).toEqual(
      showing({ item: 'yes' }),
    );
    expect(await ask('admin', 'PATCH /notifications/99?filter[item]=yes', {})).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('sort and limit apply to the response of a write', async () => {
    const body = { keys: [1, 2, 3], data: { collection: 'pages' } };

    expect(await ask('admin', 'PATCH /notifications?fields=id&sort=-id&limit=2', body)).toEqual(
      showing([{ id: 3 }, { id: 2 }]),
    );
  });

  it('an update of no rows returns an empty list', async () => {
    const body = { query: { filter: { subject: 'None' } }, data: { subject: 'X' } };

    expect(await ask('admin', 'PATCH /notifications', body)).toEqual(showing([]));
    expect(await ask('admin', 'PATCH /notifications', [])).toEqual(showing([]));
    expect(await ask('admin', 'PATCH /notifications', { keys: [], data: {} })).toEqual(showing([]));
    expect(await ask('alice', 'PATCH /notifications', { keys: [], data: {} })).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('any user may create an empty list', async () => {
    expect(await ask('alice', 'POST /notifications', [])).toEqual(showing([]));
  });

  it('every error of an item is reported', async () => {
    expect(await ask('admin', 'POST /notifications', {})).toEqual(
      failing(400, 'FAILED_VALIDATION', 'FAILED_VALIDATION'),
    );
    expect(await ask('admin', 'POST /notifications', { subject: {} })).toEqual(failing(400, 'FAILED_VALIDATION'));
    expect(await ask('admin', 'PATCH /notifications/1', { nope: 1 })).toEqual(failing(400, 'INVALID_PAYLOAD'));
  });

  it('a forbidden write by a member is forbidden whatever the body contains', async () => {
    for (const body of [{}, { nope: 1 }, { subject: {} }, { recipient: 1 }]) {
      expect(await ask('alice', 'POST /notifications', body)).toEqual(failing(403, 'FORBIDDEN'));
    }
    expect(await ask('alice', 'PATCH /notifications/1', { nope: 1 })).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('alice', 'DELETE /notifications', { query: { filter: { subject: 'None' } } })).toEqual(
      failing(403, 'FORBIDDEN'),
    );
  });

  it('a member changes the status of their own rows by query and by batch', async () => {
    const byQuery = { query: { filter: { subject: { _in: 'One,Two,Three' } } }, data: { status: 'archived' } };

    expect(await ask('alice', 'PATCH /notifications?fields=id,status', byQuery)).toEqual(
      showing([
        { id: 1, status: 'archived' },
        { id: 2, status: 'archived' },
      ]),
    );
    expect(await ask('alice', 'PATCH /notifications?fields=id,status', [{ id: 1, status: 'inbox' }])).toEqual(
      showing([{ id: 1, status: 'inbox' }]),
    );
  });
});

describe('/users', () => {
  it('/users shows all users to admins and only themselves to members', async () => {
    expect(await ask('admin', 'GET /users?fields=email&sort=email')).toEqual(
      showing([{ email: 'admin@example.com' }, { email: 'alice@example.com' }, { email: 'bob@example.com' }]),
    );
    expect(await ask('alice', 'GET /users?fields=email')).toEqual(showing([{ email: 'alice@example.com' }]));
    expect(await ask('alice', `GET /users/${app().people.bob.id}`)).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'GET /users/abc')).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('nobody', 'GET /users')).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('/users conceals secrets', async () => {
    const reply = await ask('admin', `GET /users/${app().people.alice.id}?fields=token,password`);

    expect(reply).toEqual(showing({ token: '**********', password: null }));
  });

  it('/users creates, changes and deletes users', async () => {
    const created = await ask('admin', 'POST /users?fields=id,email', {
      email: 'carol@example.com',
      first_name: 'Carol',
    });
    const { id } = (created.body as { data: { id: string } }).data;

    expect(created).toEqual(showing({ id: expect.any(String), email: 'carol@example.com' }));
    expect(await ask('admin', `PATCH /users/${id}?fields=title`, { title: 'Dr' })).toEqual(showing({ title: 'Dr' }));
    expect(await ask('admin', 'PATCH /users?fields=title', [{ id, title: 'Ms' }])).toEqual(showing([{ title: 'Ms' }]));
    expect(await ask('admin', 'SEARCH /users', { keys: [id], query: { fields: ['title'] } })).toEqual(
      showing([{ title: 'Ms' }]),
    );
    expect(await ask('admin', 'DELETE /users', [id])).toMatchObject({ status: 204 });
    expect(await ask('admin', `GET /users/${id}`)).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('/users has counts and groups', async () => {
    const counted = await ask('admin', 'GET /users?meta=*&fields=email&limit=1&sort=email&filter[role][_eq]=member');

    expect(counted.body).toEqual({
      data: [{ email: 'alice@example.com' }],
      meta: { total_count: 3, filter_count: 2 },
    });
    expect(await ask('admin', 'GET /users?groupBy=role&aggregate[count]=*')).toEqual(
      showing([
        { role: 'admin', count: '1' },
        { role: 'member', count: '2' },
      ]),
    );
    expect(await ask('admin', 'GET /users?aggregate={"count":["id","token"],"countDistinct":"role"}')).toEqual(
      showing([{ count: { id: '3', token: '3' }, countDistinct: { role: '2' } }]),
    );
    expect(await ask('admin', 'SEARCH /users', { query: { groupBy: 'year(last_access)' } })).toMatchObject({
      status: 200,
    });
  });

  it('in /users a member counts only themselves, by the fields that they may read', async () => {
    expect((await ask('alice', 'GET /users?meta=total_count&fields=email')).body).toEqual({
      data: [{ email: 'alice@example.com' }],
      meta: { total_count: 1 },
    });
    expect(await ask('alice', 'GET /users?aggregate[count]=email')).toEqual(showing([{ count: { email: '1' } }]));
    expect(await ask('alice', 'GET /users?aggregate[count]=token')).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('alice', 'GET /users?groupBy=last_access')).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'GET /users?groupBy=password')).toEqual(failing(400, 'INVALID_QUERY'));
    expect(await ask('admin', 'GET /users?aggregate[sum]=email')).toEqual(failing(400, 'INVALID_QUERY'));
    expect(await ask('nobody', 'GET /users?aggregate[count]=*')).toEqual(failing(403, 'FORBIDDEN'));
  });
});

describe('/users/me', () => {
  it('/users/me shows the viewer', async () => {
    const { id } = app().people.alice;

    expect(await ask('alice', 'GET /users/me?fields=id,first_name')).toEqual(showing({ id, first_name: 'Alice' }));
    expect(await ask('nobody', 'GET /users/me')).toEqual(failing(401, 'INVALID_CREDENTIALS'));
    expect(await ask('nobody', 'PATCH /users/me', {})).toEqual(failing(401, 'INVALID_CREDENTIALS'));
  });

  it('/users/me shows only the id if forbidden fields are requested', async () => {
    const { id } = app().people.alice;

    expect(await ask('alice', 'GET /users/me?fields=first_name,token')).toEqual(showing({ id }));
  });

  it('/users/me changes the fields that viewers may change', async () => {
    expect(await ask('alice', 'PATCH /users/me?fields=language', { language: 'de-DE' })).toEqual(
      showing({ language: 'de-DE' }),
    );
    expect(await ask('alice', 'PATCH /users/me', { role: 'admin' })).toEqual(failing(403, 'FORBIDDEN'));
  });
});

describe('/server', () => {
  it('/server answers anonymous requests', async () => {
    expect(await ask('nobody', 'GET /server/ping')).toMatchObject({ status: 200, text: 'pong' });
    expect(await ask('nobody', 'GET /server/info')).toEqual(showing({ project: expect.any(Object) }));
    expect((await ask('alice', 'GET /server/info')).body).toMatchObject({
      data: { queryLimit: { default: 100, max: 10_000 } },
    });
  });

  it('/server serves the GraphQL schema as a file', async () => {
    const { headers, text } = await ask('nobody', 'GET /server/specs/graphql/system');

    expect(headers.get('content-disposition')).toMatch(/^attachment/);
    expect(text).toMatch(/^type directus_notifications implements Node \{/m);
  });
});
