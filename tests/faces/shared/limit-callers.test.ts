import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const list = '/notifications?limit=1';
const inbox = '/api/v2/notifications/inbox';

/** Half a minute passes until a point is there again. */
const limit = 2;

const exceeded = {
  message: `Too many requests: more than ${limit} points in 60 seconds.`,
  extensions: {
    reason: `more than ${limit} points in 60 seconds`,
    limit,
    reset: expect.any(String),
    code: 'REQUESTS_EXCEEDED',
  },
};

describe('the limit of a user', () => {
  const app = useTestApp({ USER_RATE_LIMIT: `${limit}`, CODER_RATE_LIMIT: '0' });

  it('all faces share the limit of a user, and each refuses in its own format', async () => {
    const { alice } = app().people;
    const allowed = [await send(app(), list, { as: alice }), await graphql(app(), alice, '{ __typename }')];

    const directus = await send(app(), list, { as: alice });
    const overGraphql = await graphql(app(), alice, '{ __typename }');
    const coder = await send(app(), inbox, { as: alice });

    expect(allowed.map(({ status }) => status)).toEqual([200, 200]);
    for (const { status, headers } of [directus, overGraphql, coder]) {
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
    }
    expect(directus.body).toEqual({ errors: [exceeded] });
    expect(overGraphql.body).toEqual({ errors: [exceeded] });
    expect(coder.body).toEqual({ message: "You've been rate limited for sending more than 2 requests in 1m0s." });
  });

  it('responses tell the limit and what is left of it', async () => {
    const { bob } = app().people;
    const replies = [];
    for (let index = 0; index < 3; index += 1) replies.push(await send(app(), list, { as: bob }));

    expect(replies.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(Array(3).fill('"user";q=2;w=60'));
    const [first, second, refused] = replies.map(({ headers }) => headers.get('ratelimit'));
    expect(first).toBe('"user";r=1;t=30');
    expect(second).toMatch(/^"user";r=0;t=\d+$/);
    expect(refused).toBe(`"user";r=0;t=${replies[2]?.headers.get('retry-after')}`);
  });

  it('the limit of a user concerns neither others nor callers who are not signed in', async () => {
    const { admin } = app().people;

    expect(await send(app(), list, { as: admin })).toMatchObject({ status: 200 });
    expect(await send(app(), '/server/ping')).toMatchObject({ status: 200 });
  });
});

describe('a limit of users that is off', () => {
  const app = useTestApp();

  it('users have no limit by default, and responses tell none', async () => {
    const { alice } = app().people;

    const { headers } = await send(app(), list, { as: alice });

    expect(headers.get('ratelimit')).toBeNull();
    expect(headers.get('ratelimit-policy')).toBeNull();
  });
});
