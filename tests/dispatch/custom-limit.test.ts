import { describe, expect, it } from '@jest/globals';
import { createQuota, retryAfterSeconds } from '../../src/quota.ts';
import { createUsers } from '../../src/users/write.ts';
import { failureOf } from '../notifications/people.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp({ CODER_RATE_LIMIT: '0' });
let made = 0;

async function aPerson(role: 'admin' | 'member' = 'member'): Promise<Person> {
  made += 1;
  const token = `the-token-of-person-${made}`;
  const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ token, role }]);
  return { id, token };
}

const fields = (aliases: number) =>
  Array.from({ length: aliases }, () => {
    made += 1;
    return `a${made}: send_custom_notification(title: "a", message: "number ${made}")`;
  }).join(' ');
const document = (aliases: number) => `mutation { ${fields(aliases)} }`;

const post = (person: Person) => {
  made += 1;
  const body = { content: { title: 'a', message: `number ${made}` } };
  return send(app(), '/api/v2/notifications/custom', { as: person, body });
};

describe('custom notifications of a member', () => {
  it('a member may send 30 custom notifications a minute; one more gets a 429 in the Coder format', async () => {
    const member = await aPerson();

    const statuses: number[] = [];
    for (let index = 0; index < 30; index += 1) statuses.push((await post(member)).status);
    const reply = await post(member);

    expect(new Set(statuses)).toEqual(new Set([204]));
    expect(reply.status).toBe(429);
    expect(reply.body).toEqual({ message: "You've been rate limited for sending more than 30 requests in 1m0s." });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('custom notifications of all faces and aliases count towards one limit', async () => {
    const member = await aPerson();

    const { body } = await graphql(app(), member, document(40));
    const reply = await post(member);

    expect(body.errors[0].extensions).toMatchObject({
      code: 'REQUESTS_EXCEEDED',
      limit: 30,
      reset: expect.any(String),
    });
    expect(reply).toMatchObject({ status: 429 });
  });

  it('the limit of one member does not affect other members or admins', async () => {
    const [member, another, admin] = [await aPerson(), await aPerson(), await aPerson('admin')];

    await graphql(app(), member, document(31));

    expect(await post(another)).toMatchObject({ status: 204 });
    expect((await graphql(app(), admin, document(40))).body.errors).toBeUndefined();
  });

  it('invalid custom notifications do not count towards the limit', async () => {
    const member = await aPerson();
    const faulty = { content: { title: '', message: '' } };

    for (let index = 0; index < 31; index += 1) {
      await send(app(), '/api/v2/notifications/custom', { as: member, body: faulty });
    }

    expect(await post(member)).toMatchObject({ status: 204 });
  });
});

describe('a quota', () => {
  it('a quota resets when its window ends, and says when that is', async () => {
    let time = 0;
    const quota = createQuota({ most: 2, windowMs: 1000, what: 'tries', now: () => time });
    const take = async () => quota.take('a');
    await take();
    time = 600;
    await take();

    const failure = await failureOf(take());

    expect(failure).toMatchObject({ code: 'REQUESTS_EXCEEDED', limit: 2, reset: '1970-01-01T00:00:01.000Z' });
    time = 1000;
    await expect(take()).resolves.toBeUndefined();
  });

  it('a quota remembers a bounded number of users', () => {
    const quota = createQuota({ most: 1, windowMs: 1000, what: 'tries', now: () => 0 });
    for (let key = 0; key < 20_000; key += 1) quota.take(String(key));

    expect(() => quota.take('0')).not.toThrow();
    expect(() => quota.take('19999')).toThrow();
  });

  it('the retry time of an exceeded quota is at least one second', () => {
    const quota = createQuota({ most: 0, windowMs: 1000, what: 'tries', now: () => 0 });
    const seconds = [0, 999, 5000].map((now) => {
      try {
        quota.take('a');
        return undefined;
      } catch (error) {
        return retryAfterSeconds(error as never, now);
      }
    });

    expect(seconds).toEqual([1, 1, 1]);
  });
});
