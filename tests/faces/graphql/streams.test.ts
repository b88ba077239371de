import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../../src/notifications/write.ts';
import { type Person, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp();
const subscription = 'subscription { inbox_changes { kind notification { subject } } }';
const apollo = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json';

const ask = (query: string, accept: string, as?: Person) =>
  send(app(), '/graphql/system', { ...(as && { as }), body: { query }, headers: { accept } });

/** Opens a subscription. `until` resolves with all text received so far, once the text satisfies the condition. */
async function open(accept: string, as: Person) {
  const response = await fetch(`${app().url}/graphql/system`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${as.token}`, accept },
    body: JSON.stringify({ query: subscription }),
  });
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let text = '';
  const until = async (isThere: (text: string) => boolean) => {
    while (!isThere(text)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended: ${text}`);
      text += Buffer.from(value).toString();
    }
    return text;
  };
  return { response, until, end: () => reader.cancel() };
}

describe('a subscription over HTTP', () => {
  it('a subscription whose Accept allows no stream is refused before it starts', async () => {
    const { alice } = app().people;
    const accepts = [
      'application/json',
      'application/graphql-response+json',
      'text/event-stream;q=0, application/json',
    ];

    for (const accept of [...accepts, 'multipart/mixed;deferSpec=20220824']) {
      const reply = await ask(subscription, accept, alice);
      expect(reply).toMatchObject({
        status: 406,
        body: {
          errors: [{ message: expect.stringContaining('text/event-stream'), extensions: { code: 'NOT_ACCEPTABLE' } }],
        },
      });
    }
  });

  it('a subscription is sent in Apollo’s multipart format', async () => {
    const { admin, alice } = app().people;
    const stream = await open(apollo, alice);
    const opened = await stream.until((text) => text.endsWith('--graphql'));

    await createNotifications(app().contextOf(admin), [{ recipient: alice.id, subject: 'In a part' }]);
    const text = await stream.until((all) => all.includes('payload') && all.endsWith('--graphql'));
    await stream.end();

    const change = { kind: 'created', notification: { subject: 'In a part' } };
    const payload = JSON.stringify({ payload: { data: { inbox_changes: change } } });
    expect(stream.response.headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
    expect(opened).toBe('\r\n--graphql\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql');
    expect(text.slice(opened.length)).toBe(`\r\nContent-Type: application/json\r\n\r\n${payload}\r\n--graphql`);
  });

  it('a multipart subscription ends when its token is revoked', async () => {
    const { bob } = app().people;
    const stream = await open(apollo, bob);

    await app().db.prisma.accessToken.deleteMany({ where: { user_id: bob.id } });

    await expect(stream.until((text) => text.includes('never'))).rejects.toThrow();
  });

  it('the error of a subscription that cannot start is sent as JSON', async () => {
    const reply = await ask('subscription { inbox_changes { nothing } }', apollo, app().people.alice);

    expect(reply.headers.get('content-type')).toContain('application/json');
    expect(reply.body.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION' } }]);
  });
});

describe('a query or a mutation over HTTP', () => {
  it.each([[apollo], ['multipart/mixed;deferSpec=20220824,application/json'], ['*/*'], ['application/*;q=0.1']])(
    'a query with Accept %s is answered in JSON',
    async (accept) => {
      const reply = await ask('{ users_me { first_name } }', accept, app().people.alice);

      expect(reply.headers.get('content-type')).toContain('json');
      expect(reply).toMatchObject({ status: 200, body: { data: { users_me: { first_name: 'Alice' } } } });
    },
  );

  it.each([['image/png'], ['application/json;q=0'], ['text/html, application/xml']])(
    'a mutation with Accept %s is not run',
    async (accept) => {
      const { alice } = app().people;
      const reply = await ask('mutation { update_users_me(data: { location: "Paris" }) { id } }', accept, alice);
      const { body } = await ask('{ users_me { location } }', '*/*', alice);

      expect(reply).toMatchObject({ status: 406, body: { errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }] } });
      expect(body.data.users_me.location).toBeNull();
    },
  );

  it('an array of operations is refused, and the message names batching', async () => {
    const { alice: as } = app().people;
    const one = { query: '{ users_me { id } }' };

    for (const body of [[one], [one, one], []]) {
      const reply = await send(app(), '/graphql/system', { as, body });
      expect(reply).toMatchObject({
        status: 400,
        body: {
          errors: [{ message: expect.stringContaining('Batched requests'), extensions: { code: 'INVALID_PAYLOAD' } }],
        },
      });
    }
  });

  it('an operation over the single connection of graphql-sse is refused', async () => {
    const { alice: as } = app().people;
    const reserved = await send(app(), '/graphql/system', { as, method: 'PUT' });
    const named = await send(app(), '/graphql/system', {
      as,
      body: { query: '{ users_me { id } }' },
      headers: { 'x-graphql-event-stream-token': 'reserved' },
    });

    expect(reserved).toMatchObject({ status: 405, body: { errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] } });
    expect(named).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining('single connection') }] },
    });
  });
});
