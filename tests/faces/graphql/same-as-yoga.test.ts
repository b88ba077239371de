import { createHash, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse, validate } from 'graphql';
import { createNotifications } from '../../../src/notifications/write.ts';
import { schema } from '../../../src/schema/schema.ts';
import { randomOperation } from '../../operations/random/documents.ts';
import { useTestApp } from '../../support/app.ts';
import { choose, hostileRequests, type RawRequest, seeded } from './raw-requests.ts';

/** A plain request is answered without Yoga only at this very address. */
const direct = '/graphql/system';
/** A query string, even an empty one, leaves a request to Yoga. */
const byYoga = '/graphql/system?';

const randomDocuments = 150;
const randomRequests = 400;

const app = useTestApp({ MAX_PAYLOAD_SIZE: '20kb', GRAPHQL_PRICE_LIMIT: '5000', WRONG_TOKEN_LIMIT: '0' });

/** Headers that differ between two equal requests. */
const varying = new Set(['date', 'ratelimit']);

async function answerTo(path: string, { method = 'POST', headers, body }: RawRequest) {
  const { port } = new URL(app().url);
  return new Promise<{ status: number | undefined; headers: string[]; body: string }>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const shown = Object.entries(response.headers).filter(([name]) => !varying.has(name));
      const lines = shown.map(([name, value]) => `${name}: ${value}`).sort();
      resolve({ status: response.statusCode, headers: lines, body: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject).end(body);
  });
}

/** The answers at both addresses, the first and a later one of the direct way. */
async function answersTo(request: RawRequest) {
  const as = request.as && app().people[request.as];
  const headers = {
    ...(as && { authorization: `Bearer ${as.token}` }),
    'x-request-id': randomUUID(),
    ...request.headers,
  };
  const sent = { ...request, headers };
  return {
    first: await answerTo(direct, sent),
    yoga: await answerTo(byYoga, sent),
    later: await answerTo(direct, sent),
  };
}

/** What must be the same. Concurrent statements finish in any order, and so it varies which of several errors are reported. */
function shownOf({ first, yoga, later }: Awaited<ReturnType<typeof answersTo>>) {
  const isExact = JSON.parse(yoga.body).errors === undefined;
  return [yoga, first, later].map(({ status, headers, body }) =>
    isExact ? { status, headers, body } : { status, data: JSON.parse(body).data },
  );
}

describe('a request that is answered without Yoga', () => {
  it.each(hostileRequests)('the answer is the same as that of Yoga for %s', async (_name, request) => {
    const { first, yoga, later } = await answersTo(request);

    expect(first).toEqual(yoga);
    expect(later).toEqual(yoga);
  });

  it('the answers to random combinations of headers, parameters and bodies are the same as those of Yoga', async () => {
    const random = seeded(20_261_130);
    for (let run = 0; run < randomRequests; run++) {
      const request = choose(random);
      const { first, yoga, later } = await answersTo(request);

      expect([request, first]).toEqual([request, yoga]);
      expect([request, later]).toEqual([request, yoga]);
    }
  });

  it('the answers to random queries are the same as those of Yoga', async () => {
    const { admin, alice, bob } = app().people;
    await createNotifications(
      app().contextOf(admin),
      ['one', 'two', 'three'].map((subject) => ({ recipient: alice.id, sender: bob.id, subject, message: '*m*' })),
    );
    let compared = 0;
    for (let seed = 0; seed < randomDocuments; seed++) {
      const { kind, text: query, variables, operationName } = randomOperation(schema, seed);
      if (kind !== 'query') continue;
      const body = JSON.stringify({ query, variables, operationName });
      const request: RawRequest = { as: 'alice', headers: { 'content-type': 'application/json' }, body };
      let shown = shownOf(await answersTo(request));
      // The service itself may change a row between two requests, such as the last access of a user, but not each time.
      if (!shown.every((one) => isDeepStrictEqual(one, shown[0]))) shown = shownOf(await answersTo(request));

      expect([query, ...shown]).toEqual([query, shown[0], shown[0], shown[0]]);
      if (validate(schema, parse(query)).length === 0) compared += 1;
    }
    expect(compared).toBeGreaterThan(30);
  });

  it('a persisted query is registered and runs by its hash as with Yoga', async () => {
    const query = '{ users_me { persisted: id } }';
    const hash = createHash('sha256').update(query).digest('hex');
    const request = (text?: string): RawRequest => ({
      as: 'alice',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }),
    });

    const bodies = [];
    for (const text of [undefined, query, undefined]) {
      const { first, yoga, later } = await answersTo(request(text));
      expect([first, later]).toEqual([yoga, yoga]);
      bodies.push(yoga.body);
    }

    const data = JSON.stringify({ data: { users_me: { persisted: app().people.alice.id } } });
    expect(bodies).toEqual([expect.stringContaining('PERSISTED_QUERY_NOT_FOUND'), data, data]);
  });
});

describe('a mutation that is answered without Yoga', () => {
  const post = (body: object, key?: string) => ({
    as: 'alice' as const,
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  });
  const create = (subject: string) => ({
    query: `mutation Create($data: create_directus_notifications_input!) { create_notifications_item(data: $data) { subject } }`,
    variables: { data: { recipient: app().people.alice.id, subject } },
  });
  const countOf = async (subject: string) => {
    const { alice } = app().people;
    return app().db.prisma.notification.count({ where: { subject, recipient_id: alice.id } });
  };

  it.each([
    ['an operation that succeeds', {}],
    ['an operation whose selection fails', { fails: true }],
  ])('%s runs once', async (name, { fails = false }: { fails?: boolean }) => {
    const subject = `once ${name}`;
    const { query, variables } = create(subject);
    const second = fails ? ' second: delete_notifications_item(id: "0") { id }' : '';
    const document = query.replace(/ \}$/, `${second} }`);
    const headers = { ...post({}).headers, authorization: `Bearer ${app().people.admin.token}` };

    for (let sent = 1; sent <= 3; sent++) {
      const { status, body } = await answerTo(direct, {
        headers,
        body: JSON.stringify({ query: document, variables }),
      });

      expect(status).toBe(200);
      expect('errors' in JSON.parse(body)).toBe(fails);
      expect(await countOf(subject)).toBe(sent);
    }
  });

  it('an idempotency key is honoured in the header and in the extensions', async () => {
    const { admin } = app().people;
    for (const place of ['header', 'extensions']) {
      const key = `key of ${place}`.replaceAll(' ', '-');
      const subject = `keyed ${place}`;
      const body = {
        ...create(subject),
        ...(place === 'extensions' && { extensions: { idempotencyKey: key } }),
      };
      const request = post(body, place === 'header' ? key : undefined);
      const headers = { ...request.headers, authorization: `Bearer ${admin.token}` };
      const answers = [];
      for (const path of [direct, byYoga, direct]) answers.push(await answerTo(path, { ...request, headers }));

      expect(answers.map(({ body: text }) => text)).toEqual(Array(3).fill(answers[0]?.body));
      const replayed = answers.map(({ headers: lines }) => lines.includes('idempotency-replayed: true'));
      expect(replayed).toEqual([false, true, true]);
      expect(await countOf(subject)).toBe(1);
    }
  });
});
