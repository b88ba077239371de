import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, jest } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import { createDispatchPort } from '../../src/dispatch/dispatch-port.ts';
import { enqueue } from '../../src/dispatch/enqueue.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { readConfig } from '../../src/read-config.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { aReceiver } from '../dispatch/receiver.ts';
import { templates } from '../dispatch/stage.ts';
import { aUser, contextFor } from '../notifications/people.ts';
import { testDatabase } from '../support/database.ts';

const messages = 10_000;
/** Number of messages sent before the node is killed. */
const midway = 3000;
/** After this time the other node may send the deliveries leased by the killed one. */
const leaseMs = 3000;
const maxWaitMs = 90_000;

jest.setTimeout(maxWaitMs + 30_000);

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

it('every message is sent although one of two nodes is killed, and only messages that it had leased are sent twice', async () => {
  const { db, url, drop } = await testDatabase();
  cleanUps.push(drop);
  const ids = await enqueueMany();
  const sentBy = { doomed: new Set<string>(), other: new Set<string>() };
  const isMidway = promiseWithResolvers<void>();
  const isDone = promiseWithResolvers<void>();
  let unfinished: ReadonlySet<string> | undefined;
  const held: ServerResponse[] = [];
  const receiver = await aReceiver(({ path, headers }, response) => {
    const id = headers['x-message-id'] ?? '';
    const name = path === '/hook/doomed' ? 'doomed' : 'other';
    expect(sentBy[name].has(id)).toBe(false);
    sentBy[name].add(id);
    // The node is killed while it waits for responses, so these messages certainly arrive twice.
    if (name === 'doomed' && sentBy.doomed.size >= midway) {
      held.push(response);
      if (held.length === 10) isMidway.resolve();
    } else response.writeHead(204).end();
    if (unfinished !== undefined) settleIfDone(unfinished);
  });
  cleanUps.push(receiver.close);
  const settleIfDone = (leased: ReadonlySet<string>) => {
    const isSent = (id: string) => sentBy.other.has(id) || (sentBy.doomed.has(id) && !leased.has(id));
    if (sentBy.doomed.size + sentBy.other.size >= messages && ids.every(isSent)) isDone.resolve();
  };

  const doomedNode = await startNode('doomed');
  const otherNode = await startNode('other');
  await isMidway.promise;
  doomedNode.kill('SIGKILL');
  await once(doomedNode, 'exit');
  const killed = performance.now();
  unfinished = await leasedBy('doomed');
  settleIfDone(unfinished);
  await isDone.promise;
  const tookMs = performance.now() - killed;
  otherNode.stdin.end();
  await once(otherNode, 'exit');

  const twice = [...sentBy.doomed].filter((id) => sentBy.other.has(id));
  expect(new Set([...sentBy.doomed, ...sentBy.other])).toEqual(new Set(ids));
  expect(twice.length).toBeGreaterThanOrEqual(10);
  expect(twice.filter((id) => !unfinished?.has(id))).toEqual([]);
  expect(tookMs).toBeLessThan(maxWaitMs);
  const statuses = await db.query({ text: 'select status, count(*) from deliveries group by status', values: [] });
  expect(statuses).toEqual([{ status: 'sent', count: messages }]);
  expect(await db.query({ text: 'select delivery_id from queued_deliveries', values: [] })).toEqual([]);
  expect(await db.query({ text: 'select id from delivery_leases', values: [] })).toEqual([]);

  async function enqueueMany() {
    await seedTemplates(db.prisma);
    const admin = await aUser(db, 'admin');
    const users = await db.query<{ id: string }>({
      text: `insert into users (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, $1::int) n
             returning id`,
      values: [messages],
    });
    const config = readConfig({ ...environment('doomed', 'http://127.0.0.1:1') });
    const dispatch = createDispatchPort(config.dispatch, {
      baseUrl: 'https://tidings.example.com',
      wake: () => undefined,
    });
    const enqueued = await enqueue(contextFor(db, userViewer(admin, 'admin'), { dispatch }), {
      template: templates.workspaceDeleted,
      recipients: users.map(({ id }) => id),
      labels: { name: 'dev', reason: 'inactive', initiator: 'Ada' },
    });
    return enqueued.ids.webhook ?? [];
  }

  function environment(name: string, hook: string): Record<string, string> {
    return {
      DATABASE_URL: url,
      NOTIFICATIONS_METHOD: 'webhook',
      WEBHOOK_ENDPOINT: `${hook}/${name}`,
      INBOX_ENABLED: 'false',
      DISPATCH_CONCURRENCY: '20',
      LEASE_PERIOD_MS: String(leaseMs),
      DISPATCH_TIMEOUT_MS: String(leaseMs - 1000),
      FETCH_INTERVAL_MS: '100',
    };
  }

  async function startNode(name: string): Promise<ChildProcessWithoutNullStreams> {
    const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', file('../support/typescript.mjs'), file('dispatcher-process.ts'), name],
      { env: { PATH: process.env['PATH'] ?? '', ...environment(name, receiver.url) } },
    );
    child.stderr.pipe(process.stderr);
    cleanUps.push(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return child;
  }

  async function leasedBy(name: string): Promise<ReadonlySet<string>> {
    const rows = await db.query<{ id: string }>({
      text: `select deliveries.id from delivery_leases cross join unnest(delivery_ids) as leased (id)
             join deliveries on deliveries.id = leased.id
             where leased_by = $1 and status = 'pending'`,
      values: [name],
    });
    return new Set(rows.map(({ id }) => id));
  }
});
