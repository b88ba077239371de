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
  it('is JSON that nobody keeps', async () => {
    const { headers } = await ask('admin', 'GET /notifications');

    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('vary')).toBe('Origin, Cache-Control');
  });

  it('has no content type when it has no body', async () => {
    const reply = await ask('admin', 'DELETE /notifications', [4711]);

    expect(reply).toMatchObject({ status: 204, text: '' });
    expect(reply.headers.get('content-type')).toBeNull();
  });

  it('is the same with a trailing slash', async () => {
    expect(await ask('admin', 'GET /notifications/?fields=id')).toEqual(showing([{ id: 1 }, { id: 2 }, { id: 3 }]));
    expect(await ask('admin', 'GET /notifications/1/?fields=id')).toEqual(showing({ id: 1 }));
  });

  it('has no body for HEAD', async () => {
    expect(await ask('admin', 'HEAD /notifications')).toMatchObject({ status: 200, text: '' });
    expect(await ask('admin', 'HEAD /notifications/99')).toMatchObject({ status: 403, text: '' });
  });

  it('lists the methods for OPTIONS', async () => {
    const reply = await ask('nobody', 'OPTIONS /notifications');

    expect(reply.status).toBe(200);
    expect(reply.headers.get('allow')).toBe('POST,GET,HEAD,SEARCH,PATCH,DELETE');
  });

  it.each(['PUT /notifications', 'POST /notifications/1', 'SEARCH /notifications/1', 'DELETE /nope', 'POST /users/me'])(
    'is ROUTE_NOT_FOUND for %s',
    async (request) => {
      expect(await ask('admin', request, {})).toEqual(failing(404, 'ROUTE_NOT_FOUND'));
    },
  );

  it.each(['admin', 'nobody'] as const)('keeps system collections from /items (%s)', async (who) => {
    expect(await ask(who, 'GET /items/directus_notifications')).toEqual(failing(403, 'FORBIDDEN'));
  });
});

describe('bodies', () => {
  it.each<[string, Record<string, string>]>([
    ['', { 'content-type': 'application/json' }],
    ['{"subject":"x"}', { 'content-type': 'text/plain' }],
    ['subject=x', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('count as empty: %j as %j', async (text, headers) => {
    const reply = await ask('admin', 'POST /notifications', text, headers);

    expect(reply).toEqual(failing(400, 'FAILED_VALIDATION', 'FAILED_VALIDATION'));
  });

  it.each(['{"subject":', '"text"', '1', 'null', `{"subject":"${'x'.repeat(1024 * 1024)}"}`])(
    'are refused when they are no object or list, or too large',
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
  ])('of %s are refused: %j', async (method, body) => {
    expect(await ask('admin', `${method} /notifications`, body)).toEqual(failing(400, 'INVALID_PAYLOAD'));
  });
});

describe('reading', () => {
  it('takes keys that read as integers, and no others', async () => {
    expect(await ask('admin', 'GET /notifications/1.0?fields=id')).toEqual(showing({ id: 1 }));
    expect(await ask('admin', 'GET /notifications/1.5')).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'SEARCH /notifications', { keys: ['abc'] })).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'DELETE /notifications', ['abc'])).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('hides a row that the filter does not match', async () => {
    expect(await ask('admin', 'GET /notifications/1?filter[status]=inbox&fields=id')).toEqual(showing({ id: 1 }));
    expect(await ask('admin', 'GET /notifications/1?filter[status]=archived')).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('lets the query of a body replace the one of the URL', async () => {
    const body = { query: { filter: { status: 'inbox' }, fields: 'id' }, keys: [3, '2', 2] };

    expect(await ask('admin', 'SEARCH /notifications?fields=subject', body)).toEqual(showing([{ id: 2 }]));
    expect(await ask('admin', 'SEARCH /notifications?fields=subject&limit=1', {})).toEqual(
      showing([{ subject: 'One' }]),
    );
    expect(await ask('admin', 'SEARCH /notifications', { keys: [] })).toEqual(showing([]));
  });

  it('counts for meta whatever the page shows', async () => {
    const reply = await ask('admin', 'GET /notifications?fields=id&meta=*&filter[status]=inbox&limit=1');

    expect(reply.body).toEqual({ data: [{ id: 1 }], meta: { total_count: 3, filter_count: 2 } });
  });

  it('groups by parts of a time', async () => {
    const year = new Date().getUTCFullYear();
    const reply = await ask('admin', 'GET /notifications?groupBy=status,year(timestamp)&aggregate={"count":"*"}');

    expect(reply).toEqual(
      showing([
        { status: 'archived', timestamp_year: year, count: '1' },
        { status: 'inbox', timestamp_year: year, count: '2' },
      ]),
    );
  });

  it('filters what a relation shows', async () => {
    const deep = JSON.stringify({ sender: { _filter: { first_name: 'Alice' } } });

    expect(await ask('admin', `GET /notifications/1?fields=sender.first_name&deep=${deep}`)).toEqual(
      showing({ sender: null }),
    );
  });

  it('answers the same request again and again', async () => {
    const request = 'GET /notifications?fields=id,year(timestamp),recipient.email&filter[id][_in]=1,3&sort=-id';
    const replies = [];
    for (let run = 0; run < 5; run += 1) replies.push((await ask('admin', request)).text);

    expect(new Set(replies).size).toBe(1);
    expect((await ask('alice', request)).body).toMatchObject({ data: [{ id: 1 }] });
  });

  it('sends files with their name', async () => {
    const reply = await ask('admin', 'GET /notifications?fields=id,sender.email&limit=1&export=csv_utf8');

    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toMatch(
      /^attachment; filename="directus_notifications \d{8}-\d{5,6}\.csv"$/,
    );
    expect(reply.text).toMatch(/"id","sender.email"\n1,"bob@example.com"$/);
  });
});

describe('writing', () => {
  it('writes nothing when what to show is denied', async () => {
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

  it('answers nothing when the filter hides what was written', async () => {
    const hidden = await ask('admin', 'PATCH /notifications/2?filter[item]=no', { item: 'yes' });

    expect(hidden).toMatchObject({ status: 204, text: '' });
    expect(await ask('admin', 'PATCH /notifications/2?filter[item]=yes&fields=item', {})).toEqual(
      showing({ item: 'yes' }),
    );
    expect(await ask('admin', 'PATCH /notifications/99?filter[item]=yes', {})).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('shapes the list of what was written', async () => {
    const body = { keys: [1, 2, 3], data: { collection: 'pages' } };

    expect(await ask('admin', 'PATCH /notifications?fields=id&sort=-id&limit=2', body)).toEqual(
      showing([{ id: 3 }, { id: 2 }]),
    );
  });

  it('changes nothing when a query finds nothing', async () => {
    const body = { query: { filter: { subject: 'None' } }, data: { subject: 'X' } };

    expect(await ask('admin', 'PATCH /notifications', body)).toEqual(showing([]));
    expect(await ask('admin', 'PATCH /notifications', [])).toEqual(showing([]));
    expect(await ask('admin', 'PATCH /notifications', { keys: [], data: {} })).toEqual(showing([]));
    expect(await ask('alice', 'PATCH /notifications', { keys: [], data: {} })).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('lets anybody create nothing', async () => {
    expect(await ask('alice', 'POST /notifications', [])).toEqual(showing([]));
  });

  it('names every fault of an item', async () => {
    expect(await ask('admin', 'POST /notifications', {})).toEqual(
      failing(400, 'FAILED_VALIDATION', 'FAILED_VALIDATION'),
    );
    expect(await ask('admin', 'POST /notifications', { subject: {} })).toEqual(failing(400, 'FAILED_VALIDATION'));
    expect(await ask('admin', 'PATCH /notifications/1', { nope: 1 })).toEqual(failing(400, 'INVALID_PAYLOAD'));
  });

  it('denies a member whatever is wrong with the body', async () => {
    for (const body of [{}, { nope: 1 }, { subject: {} }, { recipient: 1 }]) {
      expect(await ask('alice', 'POST /notifications', body)).toEqual(failing(403, 'FORBIDDEN'));
    }
    expect(await ask('alice', 'PATCH /notifications/1', { nope: 1 })).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('alice', 'DELETE /notifications', { query: { filter: { subject: 'None' } } })).toEqual(
      failing(403, 'FORBIDDEN'),
    );
  });

  it('lets a member change the status of the own ones by query and by batch', async () => {
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
  it('shows admins everybody and members themselves', async () => {
    expect(await ask('admin', 'GET /users?fields=email&sort=email')).toEqual(
      showing([{ email: 'admin@example.com' }, { email: 'alice@example.com' }, { email: 'bob@example.com' }]),
    );
    expect(await ask('alice', 'GET /users?fields=email')).toEqual(showing([{ email: 'alice@example.com' }]));
    expect(await ask('alice', `GET /users/${app().people.bob.id}`)).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('admin', 'GET /users/abc')).toEqual(failing(403, 'FORBIDDEN'));
    expect(await ask('nobody', 'GET /users')).toEqual(failing(403, 'FORBIDDEN'));
  });

  it('conceals secrets', async () => {
    const reply = await ask('admin', `GET /users/${app().people.alice.id}?fields=token,password`);

    expect(reply).toEqual(showing({ token: '**********', password: null }));
  });

  it('creates, changes and deletes', async () => {
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

  it('has counts and groups', async () => {
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

  it('counts for members only themselves, and what they may read', async () => {
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

  it('hands out the schema', async () => {
    const { headers, text } = await ask('nobody', 'GET /server/specs/graphql/system');

    expect(headers.get('content-disposition')).toMatch(/^attachment/);
    expect(text).toMatch(/^type directus_notifications implements Node \{/m);
  });
});
