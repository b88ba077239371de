import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type TestApp, useTestApp } from '../../support/app.ts';
import { type Reply, send } from '../../support/client.ts';
import { openWatch } from '../../support/coder-client.ts';
import { aMember } from './support/people.ts';

const inbox = '/api/v2/notifications/inbox';
const settings = '/api/v2/notifications/settings';

/** The statuses of `count` requests, one after the other. */
async function statuses(count: number, ask: () => Promise<Reply>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push((await ask()).status);
  return found;
}

const asker = async (app: TestApp) => {
  const { person } = await aMember(app);
  return (path: string, options: Omit<Parameters<typeof send>[2] & object, 'as'> = {}) =>
    send(app, path, { as: person, ...options });
};

describe('requests above the limit per minute', () => {
  const app = useTestApp({ CODER_RATE_LIMIT: '3' });

  it('requests above the limit are refused in Coder’s format with Retry-After', async () => {
    const ask = await asker(app());

    const allowed = await statuses(3, () => ask(inbox));
    const reply = await ask(inbox);

    expect(allowed).toEqual([200, 200, 200]);
    expect(reply.status).toBe(429);
    expect(reply.body).toEqual({ message: "You've been rate limited for sending more than 3 requests in 1m0s." });
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(reply.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });

  it('requests are counted by endpoint and user, whatever the query string is', async () => {
    const [ask, askAnother] = [await asker(app()), await asker(app())];

    await statuses(3, () => ask(`${inbox}?read_status=read`));

    expect(await ask(inbox)).toMatchObject({ status: 429 });
    expect(await ask(settings)).toMatchObject({ status: 200 });
    expect(await askAnother(inbox)).toMatchObject({ status: 200 });
  });

  it.each(['/', '?x=1'].map((end) => `${inbox}${end}`).concat(inbox.replace('inbox', '%69nbox')))(
    'requests to one endpoint are counted together in every spelling of its path: %s',
    async (spelling) => {
      const ask = await asker(app());
      await statuses(3, () => ask(inbox));

      expect(await ask(spelling)).toMatchObject({ status: 429 });
    },
  );

  it('failed requests are counted too, and a request above the limit changes nothing', async () => {
    const ask = await asker(app());
    const change = (body: unknown) => ask('/api/v2/users/me/notifications/preferences', { method: 'PUT', body });

    expect(await statuses(3, () => change('{'))).toEqual([400, 400, 400]);
    expect(await change({})).toMatchObject({ status: 429 });
  });

  it('requests without a session are counted by address', async () => {
    const ask = () => send(app(), settings, { headers: { 'coder-session-token': 'nobody' } });

    expect(await statuses(4, ask)).toEqual([401, 401, 401, 429]);
  });

  it('concurrent requests are counted', async () => {
    const ask = await asker(app());

    const replies = await Promise.all(Array.from({ length: 8 }, () => ask(inbox)));

    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(5);
  });

  it('requests to the watch are counted, with and without an upgrade', async () => {
    const { person } = await aMember(app());
    const watch = `${inbox}/watch`;
    const dial = () =>
      openWatch(
        new WebSocket(`${app().url.replace('http', 'ws')}${watch}`, {
          headers: { 'coder-session-token': person.token },
        }),
      );

    const open = [await dial(), await dial()];
    const plain = await send(app(), watch, { as: person });
    for (const socket of open) socket.close();

    expect(plain.status).toBe(426);
    await expect(dial()).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining("You've been rate limited for sending more than 3 requests in 1m0s."),
    });
    const refused = await send(app(), watch, { as: person });
    expect(refused).toMatchObject({ status: 429 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await send(app(), inbox, { as: person })).toMatchObject({ status: 200 });
  });

  it('the rate limit does not apply to the other faces', async () => {
    const { person } = await aMember(app());

    expect(await statuses(5, () => send(app(), '/notifications', { as: person }))).toEqual(Array(5).fill(200));
  });
});

describe('a rate limit of 0', () => {
  const app = useTestApp({ CODER_RATE_LIMIT: '0' });

  it('a rate limit of 0 refuses no request', async () => {
    const ask = await asker(app());

    expect(await statuses(5, () => ask(inbox))).toEqual(Array(5).fill(200));
  });
});
