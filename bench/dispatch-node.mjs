// A node that dispatches, and enqueues messages on request.
import { pino } from 'pino';
import { openDatabase } from '../dist/database/client.js';
import { createDispatchPort } from '../dist/dispatch/dispatch-port.js';
import { startDispatcher } from '../dist/dispatch/dispatcher.js';
import { enqueue } from '../dist/dispatch/enqueue.js';
import { createMemoryBus } from '../dist/live/bus/bus.js';
import { servicePrisma } from '../dist/prisma.js';
import { readConfig } from '../dist/read-config.js';

const template = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
const baseUrl = 'https://tidings.example.com';
const { dispatch: config, database, limits } = readConfig();
const db = await openDatabase({ url: database.url, poolSize: database.poolSize });
const prisma = servicePrisma(db);
const bus = createMemoryBus();
const now = () => new Date();
const dispatcher = startDispatcher({
  prisma,
  config,
  baseUrl: () => baseUrl,
  bus,
  log: pino({ level: 'warn' }, pino.destination(2)),
  now,
});

let filled = 0;
let onFilled = () => undefined;
await bus.subscribe({
  written(ranges) {
    for (const { from, to } of ranges) filled += to - from;
    onFilled();
  },
  interrupted: () => undefined,
});

function send({ method, recipients, nonce }, wake) {
  const dispatch = createDispatchPort(config, { baseUrl, wake });
  const configured = new Set([method]);
  const viewer = { kind: 'user', id: recipients[0], role: 'admin' };
  const labels = { name: 'dev', reason: 'inactive for 30 days', initiator: 'the scheduler', nonce };
  const context = {
    db,
    prisma,
    viewer,
    now,
    limits,
    bus,
    dispatch: { ...dispatch, defaultMethod: method, configured, wake },
  };
  return enqueue(context, { template, recipients, labels });
}

const tasks = {
  async enqueue(message) {
    await send(message, () => undefined);
    await db.query({ text: 'vacuum (analyze) deliveries', values: [] });
    // The body of a webhook, which the limit posts as well.
    const [row] = await db.query({
      text: `select deliveries.id, content || jsonb_build_object('user_id', user_id, 'user_email', email,
                    'user_name', first_name, 'user_username', username) as payload
             from deliveries join payloads on payloads.id = payload_id join users on users.id = user_id limit 1`,
      values: [],
    });
    const text = 'Workspace dev was deleted: inactive for 30 days, by the scheduler.';
    const titles = { title: text, title_markdown: text, body: text, body_markdown: text };
    return { body: JSON.stringify({ _version: '1.1', msg_id: row.id, payload: row.payload, ...titles }) };
  },
  async enqueueOne(message) {
    await send({ ...message, method: 'webhook' }, () => dispatcher.wake());
    return { committedAt: performance.timeOrigin + performance.now() };
  },
  async wake() {
    dispatcher.wake();
    return {};
  },
  async fill({ count }) {
    filled = 0;
    const done = new Promise((resolve) => {
      onFilled = () => filled >= count && resolve();
    });
    dispatcher.wake();
    await done;
    return {};
  },
  /** Waits until every result is stored. */
  async settled() {
    const text = `select count(*) as count from deliveries where status <> 'sent'`;
    while ((await db.query({ text, values: [] }))[0].count > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    return {};
  },
};

process.on('message', async (message) => {
  if (message.do === undefined) return;
  process.send({ kind: 'answer', ...(await tasks[message.do](message)) });
});
process.on('SIGTERM', async () => {
  await dispatcher.stop();
  await db.close();
  process.exit(0);
});
process.stdout.write('http://127.0.0.1:0\n');
