import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import type { Database } from '../../src/database/database.ts';
import { testDatabase } from '../support/database.ts';
import { duringOpenTransaction } from '../support/locks.ts';
import { throughProxy } from '../support/proxy.ts';
import { afterwards } from './afterwards.ts';
import { startNode, startNodes } from './live-node.ts';
import { adminToken } from './live-requests.ts';
import { aWithholdingProxy } from './withholding-proxy.ts';

jest.setTimeout(300_000);

/** Milliseconds between two looks at a state. */
const pollMs = 20;

interface Keyed {
  readonly path: string;
  readonly body: object;
  readonly key: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly isReplayed: boolean;
  readonly retryAfter: string | null;
}

async function post(url: string, { path, body, key }: Keyed): Promise<Reply> {
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adminToken}`,
      'content-type': 'application/json',
      'idempotency-key': `"${key}"`,
    },
    body: JSON.stringify(body),
  });
  const isReplayed = reply.headers.get('idempotency-replayed') === 'true';
  return { status: reply.status, text: await reply.text(), isReplayed, retryAfter: reply.headers.get('retry-after') };
}

/** Repeats the request while it is refused because an equal one is running. */
async function postUntilAnswered(url: string, request: Keyed): Promise<Reply> {
  for (;;) {
    const reply = await post(url, request);
    if (reply.status !== 409) return reply;
    await delay(pollMs);
  }
}

async function aDatabase(): Promise<{ readonly db: Database; readonly url: string }> {
  const { db, url, drop } = await testDatabase();
  afterwards(drop);
  return { db, url };
}

async function adminOf(db: Database): Promise<string> {
  const { id } = await db.prisma.user.findFirstOrThrow({ where: { role: 'admin' } });
  return id;
}

const creation = (recipient: string, subject = 'Once'): Keyed => ({
  path: '/notifications',
  body: { recipient, subject },
  key: randomUUID(),
});

it('50 equal requests at once to two nodes take effect once and get the same answer', async () => {
  const { db, url } = await aDatabase();
  const { urls } = await startNodes(2, url);
  const request = creation(await adminOf(db));

  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) => postUntilAnswered(urls[index % 2] ?? '', request)),
  );

  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(replies[0]?.status).toBe(200);
  expect(replies.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
  expect(await db.prisma.notification.count()).toBe(1);
});

it('while a request is running on one node, an equal one is refused by the other with 409', async () => {
  const { db, url } = await aDatabase();
  const { urls } = await startNodes(2, url);
  const [one = '', other = ''] = urls;
  const admin = await adminOf(db);
  await post(one, creation(admin, 'Creates the inbox'));
  const request = creation(admin);
  let meanwhile: Reply | undefined;

  const first = await duringOpenTransaction(
    db,
    (transaction) =>
      transaction.query({ text: 'select from inboxes where recipient_id = $1 for update', values: [admin] }),
    () => post(one, request),
    async () => {
      meanwhile = await post(other, request);
    },
  );
  const second = await post(other, request);

  expect(meanwhile).toMatchObject({
    status: 409,
    retryAfter: '1',
    text: expect.stringContaining('REQUEST_IN_PROGRESS'),
  });
  expect(first).toMatchObject({ status: 200, isReplayed: false });
  expect(second).toEqual({ ...first, isReplayed: true });
});

it('a node is killed after the commit and before the answer: the repetition on another node gets the same ids', async () => {
  const { db, url } = await aDatabase();
  const proxy = await aWithholdingProxy(Number(new URL(url).port));
  const doomed = await startNode(throughProxy(url, proxy), { EVENT_BUS: 'memory' });
  const other = await startNode(url);
  const requests: Readonly<Record<'directus' | 'coder' | 'graphql', Keyed>> = {
    directus: creation(await adminOf(db)),
    coder: { path: '/api/v2/notifications/test', body: {}, key: randomUUID() },
    graphql: {
      path: '/graphql/system',
      body: {
        query: `mutation { send_notification(
          data: { title: "Sent once", message: "Hello", recipients: ["admin@example.com"], dedupe: false }
        ) { id } }`,
      },
      key: randomUUID(),
    },
  };
  proxy.withhold();

  const unanswered = Promise.allSettled(Object.values(requests).map((request) => post(doomed.url, request)));
  while ((await db.prisma.idempotencyKey.count()) < 3) await delay(pollMs);
  const created = await db.prisma.notification.findFirstOrThrow({ where: { subject: 'Once' } });
  const deliveries = await db.prisma.delivery.findMany();
  await doomed.kill();
  const outcomes = (await unanswered).map(({ status }) => status);
  const directus = await post(other.url, requests.directus);
  const coder = await post(other.url, requests.coder);
  const graphql = await post(other.url, requests.graphql);

  expect(outcomes).toEqual(['rejected', 'rejected', 'rejected']);
  expect([directus, coder, graphql].map(({ isReplayed }) => isReplayed)).toEqual([true, true, true]);
  expect(JSON.parse(directus.text).data.id).toBe(Number(created.id));
  expect(coder).toMatchObject({ status: 204, text: '' });
  const [delivery] = JSON.parse(graphql.text).data.send_notification;
  expect(deliveries.map(({ id }) => id)).toContain(delivery.id);
  expect(await db.prisma.notification.count({ where: { subject: 'Once' } })).toBe(1);
  // One of the test message over Coder's API, one of `send_notification`.
  expect(await db.prisma.delivery.count()).toBe(2);
});
