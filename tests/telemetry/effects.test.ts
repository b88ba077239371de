import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { afterwards } from '../faults/afterwards.ts';
import { adminToken, ask, dataOf } from '../faults/live-requests.ts';
import { aFreePort } from '../support/ports.ts';
import { asAdmin } from '../support/server.ts';
import { aCollector } from './collector.ts';
import { aTracedService } from './stage.ts';

async function aStage(environment: Readonly<Record<string, string>> = {}) {
  const collector = await aCollector();
  afterwards(collector.close);
  return { collector, ...(await aTracedService(collector.url, environment)) };
}

/** Resolves when a statement of the database waits for a lock. */
async function someStatementWaits(databaseUrl: string): Promise<void> {
  await asAdmin(databaseUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query(
        'select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())',
      );
      if (rows.length > 0) return;
      await delay(10);
    }
  });
}

describe('a service that is traced', () => {
  it('refuses the token of a user at once when a traced request suspends the user', async () => {
    const { url } = await aStage();
    const token = 'the-token-of-somebody';
    const create = 'mutation ($data: create_directus_users_input!) { create_users_item(data: $data) { id } }';
    const { create_users_item: user } = await dataOf(
      ask(url, create, { data: { email: 'somebody@example.com', token } }),
    );
    await dataOf(ask(url, '{ users_me { id } }', {}, token));

    await dataOf(
      ask(url, 'mutation ($id: ID!) { update_users_item(id: $id, data: { status: "suspended" }) { id } }', {
        id: user.id,
      }),
    );

    expect(await ask(url, '{ users_me { id } }', {}, token)).toMatchObject({ kind: 'refused' });
  });

  it('stores the trace of a request with the deliveries of the mails that it causes', async () => {
    const { url, databaseUrl, collector } = await aStage({
      SMTP_URL: `smtp://127.0.0.1:${await aFreePort()}`,
      EMAIL_FROM: 'tidings@example.com',
    });
    const { users } = await dataOf(ask(url, '{ users(limit: 1) { id } }'));

    const reply = await fetch(`${url}/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ recipient: users[0].id, subject: 'Hello' }),
    });
    expect(reply.status).toBe(200);

    const spans = await collector.until((all) => all.some(({ name }) => name === 'deliver smtp'));
    const request = spans.find(({ name }) => name === 'POST /notifications');
    const { rows } = await asAdmin(databaseUrl, (client) =>
      client.query<{ traceparent: string }>("select traceparent from deliveries where method = 'smtp'"),
    );
    expect(rows.map(({ traceparent }) => traceparent.split('-')[1])).toEqual([request?.traceId]);
    expect(spans.find(({ name }) => name === 'deliver smtp')).toMatchObject({
      traceId: request?.traceId,
      hasFailed: true,
      attributes: { 'tidings.delivery.outcome': 'retry', 'error.type': 'retry' },
    });
  });

  it('records the statements of a transaction below the span of the transaction', async () => {
    const { url, collector } = await aStage();
    const create = 'mutation { create_users_item(data: { email: "new@example.com", password: "a-password" }) { id } }';
    const { create_users_item: user } = await dataOf(ask(url, create));
    const { id } = user;

    await dataOf(ask(url, 'mutation ($id: ID!) { delete_users_item(id: $id) { id } }', { id }));

    const spans = await collector.until((all) => all.some(({ name }) => name === 'mutation delete_users_item'));
    const operation = spans.find(({ name }) => name === 'mutation delete_users_item');
    const transaction = spans.find(({ name, parentId }) => name === 'transaction' && parentId === operation?.id);
    expect(transaction).toBeDefined();
    expect(spans.filter(({ parentId }) => parentId === transaction?.id).length).toBeGreaterThan(0);
  });

  it('records a request whose client disconnects before the response', async () => {
    const { url, databaseUrl, collector } = await aStage();

    await asAdmin(databaseUrl, async (client) => {
      await client.query('begin');
      // Only the check of the token waits for this lock.
      await client.query('lock table access_tokens in access exclusive mode');
      const leaving = new AbortController();
      const asked = fetch(`${url}/graphql/system`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ __typename }' }),
        signal: leaving.signal,
      });
      await someStatementWaits(databaseUrl);
      leaving.abort();
      await expect(asked).rejects.toThrow();
      await client.query('rollback');
    });

    const spans = await collector.until((all) => all.some(({ name }) => name === 'POST /graphql/system'));
    expect(spans.find(({ name }) => name === 'POST /graphql/system')).toMatchObject({
      hasFailed: true,
      attributes: { 'error.type': 'aborted', 'http.route': '/graphql/system' },
    });
  });

  it('sends protobuf with the configured headers unless told otherwise', async () => {
    const { url, collector } = await aStage({
      OTEL_EXPORTER_OTLP_PROTOCOL: '',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret,x-tenant=one',
    });

    await fetch(`${url}/healthz`);

    await collector.until(() => collector.posts.some(({ body }) => body.includes('GET /healthz')));
    expect(collector.posts[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', authorization: 'Bearer secret', 'x-tenant': 'one' },
    });
  });
});
