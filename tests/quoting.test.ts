import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { cutQuoted, cutSentence, cutValue } from '../src/quoting.ts';
import { useTestApp } from './support/app.ts';
import { graphql, send } from './support/client.ts';
import { connectRealtime } from './support/realtime-client.ts';

const long = 'x'.repeat(5000);
/** More than 200 characters of the input; no error may contain them. */
const tooMuch = 'x'.repeat(201);

describe('what errors quote', () => {
  const app = useTestApp();

  const cases: readonly (readonly [string, string, string, body?: object])[] = [
    ['an unknown field', 'GET', `/notifications?fields=${long}`],
    ['an unknown operator', 'GET', `/notifications?filter[subject][_${long}]=1`],
    ['an unknown field of a filter', 'GET', `/notifications?filter[${long}][_eq]=1`],
    ['a field whose name holds quotation marks', 'GET', `/notifications?fields=%22${long}%22a%22${long}`],
    ['an unknown path', 'GET', `/${long}`],
    ['an invalid key', 'GET', `/notifications/${'x'.repeat(900)}`],
    ['a field that cannot be written', 'POST', '/notifications', { [long]: 1 }],
    ['a user’s value that is too long', 'POST', '/users', { title: long }],
    ['an invalid status', 'POST', '/notifications', { subject: 'a', status: long }],
    ['an invalid recipient', 'POST', '/notifications', { subject: 'a', recipient: long }],
    ['an unknown parameter of the Coder face', 'GET', `/api/v2/notifications/inbox?${long}=1`],
    ['faults of thousands of uuids', 'GET', `/api/v2/notifications/inbox?targets=${'x,'.repeat(3000)}`],
    ['an unknown user of the Coder face', 'GET', `/api/v2/users/${'x'.repeat(900)}/notifications/preferences`],
    [
      'an invalid template',
      'PUT',
      '/api/v2/users/me/notifications/preferences',
      { template_disabled_map: { [long]: true } },
    ],
  ];

  it.each(cases.map(([what, method, path, body]) => [what, { method, path, body }] as const))(
    'quoted input is cut for %s',
    async (_what, { path, ...request }) => {
      const reply = await send(app(), path, { as: app().people.admin, ...request });

      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
      expect(JSON.stringify(reply.body)).not.toContain(tooMuch);
      expect(JSON.stringify(reply.body).length).toBeLessThan(3000);
    },
  );

  it.each([
    ['an unknown field', `{ ${long} }`],
    ['an unknown argument', `{ notifications(${long}: 1) { id } }`],
    ['an unknown type', `query ($a: ${long}) { users_me { id } }`],
    ['a value of an enum', `{ inbox(read_status: ${long}) { unread_count } }`],
    ['a text where a number belongs', `{ notifications(limit: "${long}") { id } }`],
    ['an object where a number belongs', `{ notifications(limit: { a: "${long}" }) { id } }`],
    ['a text that does not end', `{ a(b: "${long}`],
    ['a filter of an unknown operator', `{ notifications(filter: { subject: { _${long}: 1 } }) { id } }`],
    ['a sort by an unknown field', `{ notifications(sort: ["${long}"]) { id } }`],
  ])('quoted input is cut in errors of documents: %s', async (_what, document) => {
    const { body } = await graphql(app(), app().people.admin, document);

    expect(body.errors).not.toHaveLength(0);
    expect(JSON.stringify(body.errors)).not.toContain(tooMuch);
  });

  it('quoted values of variables are cut', async () => {
    const document = 'query ($limit: Int) { notifications(limit: $limit) { id } }';

    const { body } = await graphql(app(), app().people.admin, document, { limit: long });

    expect(body.errors[0].message).toContain('$limit');
    expect(JSON.stringify(body)).not.toContain(tooMuch);
  });

  it('quoted input is cut on the realtime socket', async () => {
    const client = await connectRealtime(`${app().url}/websocket?access_token=${app().people.admin.token}`);
    const answers = [
      await client.ask({ type: 'subscribe', collection: long }),
      await client.ask({ type: 'subscribe', collection: 'directus_notifications', event: long }),
      await client.ask({ type: 'subscribe', collection: 'directus_notifications', query: { fields: [long] } }),
    ];
    client.socket.close();

    expect(answers.map(({ status }) => status)).toEqual(['error', 'error', 'error']);
    expect(JSON.stringify(answers)).not.toContain(tooMuch);
  });

  it('quoted input fits into the reason of a close', async () => {
    const socket = new WebSocket(`${app().url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { authorization: `Bearer ${app().people.admin.token}` },
    });
    const payload = { query: 'subscription { inbox_changes { kind } }' };
    const closed = new Promise<readonly [number, string]>((resolve) => {
      socket.on('close', (code, reason) => resolve([code, String(reason)]));
    });
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('message', () => {
      for (const _ of [1, 2]) socket.send(JSON.stringify({ id: 'ü'.repeat(500), type: 'subscribe', payload }));
    });

    expect(await closed).toEqual([4409, expect.stringMatching(/^Subscriber for ü+ already exists$/)]);
  });
});

describe('cutting', () => {
  it('cutting leaves short text unchanged', () => {
    expect(cutQuoted('x'.repeat(200))).toBe('x'.repeat(200));
    expect(cutSentence('"a" is not "b".')).toBe('"a" is not "b".');
    expect(cutValue(['a', { b: 1 }])).toEqual(['a', { b: 1 }]);
    expect(cutValue(null)).toBeNull();
  });

  it('cutting never splits a character', () => {
    expect(cutQuoted(`${'x'.repeat(199)}😀😀`)).toBe(`${'x'.repeat(199)}…`);
  });

  it('cutting a quotation keeps the sentence around it', () => {
    expect(cutSentence(`"${long}" is not a field of "users".`)).toBe(
      `"${'x'.repeat(200)}…" is not a field of "users".`,
    );
  });

  it('an object that is too large is converted to text', () => {
    expect(cutValue({ a: long })).toBe(`{"a":"${'x'.repeat(194)}…`);
  });
});
