import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { openDatabase } from '../../../src/database/client.ts';
import { startTestApp, type TestApp, useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { aProxy, type FaultyProxy, throughProxy } from '../../support/proxy.ts';

const metricsOf = async (app: TestApp): Promise<string> => {
  const { status, body } = await send(app, '/metrics');
  expect(status).toBe(200);
  return body;
};

/** The value of one series; undefined if the page does not have it. */
const read = (page: string, series: string): number | undefined => {
  const line = page.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('/metrics', () => {
  const app = useTestApp();

  it('/metrics counts HTTP requests by method, route and status', async () => {
    const { admin } = app().people;
    await send(app(), '/notifications/123456', { as: admin });
    await send(app(), '/notifications/654321', { as: admin });
    await send(app(), '/no/such/route');

    const page = await metricsOf(app());

    const counted = (labels: string) => read(page, `tidings_http_request_duration_seconds_count{${labels}}`);
    expect(counted('method="GET",route="/notifications/:id",status="403"')).toBe(2);
    expect(counted('method="GET",route="unmatched",status="404"')).toBe(1);
  });

  it('/metrics counts GraphQL operations by root field and result, also those of REST routes', async () => {
    const { admin, alice } = app().people;
    await graphql(app(), alice, '{ chosen_by_a_client: inbox { unread_count } }');
    await graphql(app(), alice, 'mutation { delete_users_item(id: "00000000-0000-0000-0000-000000000000") { id } }');
    await send(app(), '/users/me', { as: admin });

    const page = await metricsOf(app());

    const counted = (labels: string) => read(page, `tidings_graphql_operation_duration_seconds_count{${labels}}`);
    expect(counted('type="query",field="inbox",result="ok"')).toBe(1);
    expect(counted('type="mutation",field="delete_users_item",result="error"')).toBe(1);
    expect(counted('type="query",field="users_me",result="ok"')).toBe(1);
    expect(page).not.toContain('chosen_by_a_client');
  });

  it('/metrics counts open WebSockets by path', async () => {
    const { alice } = app().people;
    const client = createClient({
      url: `${app().url.replace('http', 'ws')}/graphql/system`,
      webSocketImpl: WebSocket,
      lazy: false,
      connectionParams: { access_token: alice.token },
    });
    await client.iterate({ query: '{ __typename }' }).next();

    const page = await metricsOf(app());
    await client.dispose();

    expect(read(page, 'tidings_open_sockets{path="/graphql/system"}')).toBe(1);
    expect(read(page, 'tidings_open_sockets{path="/websocket"}')).toBe(0);
  });

  it('/metrics has values of the pool, the process and the event loop', async () => {
    const page = await metricsOf(app());

    expect(read(page, 'tidings_database_connections{state="max"}')).toBe(5);
    expect(read(page, 'tidings_database_waiting')).toBe(0);
    expect(read(page, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(read(page, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('/metrics adds up the differences between the counters of inboxes and their notifications', async () => {
    const { admin, alice } = app().people;
    await send(app(), '/notifications', { as: admin, body: { recipient: alice.id, subject: 'one' } });
    const drift = async () => read(await metricsOf(app()), 'tidings_inbox_drift_total');
    await expect(drift()).resolves.toBe(0);

    await app().db.query({
      text: 'update inboxes set unread = unread + 2, total = total - 1 where recipient_id = $1',
      values: [alice.id],
    });

    await expect(drift()).resolves.toBe(3);
    expect(read(await metricsOf(app()), 'tidings_inbox_drift_sampled_total')).toBeGreaterThan(0);
  });
});

describe('/metrics during an outage of the database', () => {
  let proxy: FaultyProxy | undefined;
  let app: TestApp | undefined;
  afterAll(async () => {
    proxy?.resume();
    await app?.stop();
    await proxy?.close();
  });

  it('/metrics during a database outage has values of the process, and reports the outage', async () => {
    app = await startTestApp(
      {},
      {
        open: async (url) => {
          proxy = await aProxy({ port: Number(new URL(url).port) });
          return openDatabase({ url: throughProxy(url, proxy), poolSize: 5 });
        },
      },
    );
    expect(read(await metricsOf(app), 'tidings_database_up')).toBe(1);

    proxy?.stall();
    const page = await metricsOf(app);

    expect(read(page, 'tidings_database_up')).toBe(0);
    expect(read(page, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(page).toContain('coderd_notifications_pending_updates 0');
    expect(page).not.toContain('tidings_notifications_queue_depth{');

    proxy?.resume();
    let isUp = false;
    while (!isUp) isUp = read(await metricsOf(app), 'tidings_database_up') === 1;
  });
});

describe('the dashboard and the alert rules', () => {
  const app = useTestApp();

  it.each(['deploy/grafana/dashboard.json', 'deploy/prometheus/alerts.yaml'])(
    'every metric that %s uses is in /metrics',
    async (file) => {
      const text = await readFile(file, 'utf8');
      const names = new Set(text.match(/\b(?:tidings|coderd|process|nodejs)_[a-z0-9_]+/g));

      const page = await metricsOf(app());

      const known = new Set([...page.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name));
      const baseOf = (name: string) => name.replace(/_(?:bucket|count|sum)$/, '');
      expect(names.size).toBeGreaterThan(5);
      expect([...names].filter((name) => !known.has(name) && !known.has(baseOf(name)))).toEqual([]);
    },
  );
});
