import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, jest } from '@jest/globals';
import { aReceiver } from '../dispatch/receiver.ts';
import { aStage } from '../dispatch/stage.ts';
import { testDatabase } from '../support/database.ts';
import { afterwards } from './afterwards.ts';
import { people, untilNothingIsLeft } from './dispatch-ends.ts';
import { report, scale } from './live-figures.ts';

const good = 200 * scale;
const maxAttempts = 3;

jest.setTimeout(180_000 + 60_000 * scale);

it.each([1, 2])('%s messages that crash the node fail for good, and all others are delivered', async (poisoned) => {
  const { db, url, drop } = await testDatabase();
  const environment = (hook: string) => ({
    DATABASE_URL: url,
    NOTIFICATIONS_METHOD: 'webhook',
    WEBHOOK_ENDPOINT: hook,
    INBOX_ENABLED: 'false',
    DISPATCH_CONCURRENCY: '20',
    LEASE_PERIOD_MS: '1500',
    DISPATCH_TIMEOUT_MS: '1000',
    FETCH_INTERVAL_MS: '100',
    MAX_SEND_ATTEMPTS: String(maxAttempts),
  });
  const stage = await aStage(environment('http://127.0.0.1:1/'), { db, drop });
  afterwards(stage.close);
  const { ids } = await stage.enqueue({ recipients: await people(db, good + poisoned) });
  // The poisoned messages are in the middle of the queue, so that others are being sent when they crash the node.
  const poison = new Set(ids.webhook?.slice(good / 2, good / 2 + poisoned));
  let node: ChildProcessWithoutNullStreams | undefined;
  let deaths = 0;
  const times = new Map<string, number>();
  const receiver = await aReceiver(({ headers }, response) => {
    const id = headers['x-message-id'] ?? '';
    times.set(id, (times.get(id) ?? 0) + 1);
    if (poison.has(id)) node?.kill('SIGKILL');
    else response.writeHead(204).end();
  });
  afterwards(receiver.close);
  let isOver = false;
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const supervise = async () => {
    while (!isOver) {
      node = spawn(
        process.execPath,
        ['--import', file('../support/typescript.mjs'), file('dispatcher-process.ts'), 'node'],
        { env: { PATH: process.env['PATH'] ?? '', ...environment(receiver.url) } },
      );
      node.stderr.resume();
      await once(node, 'exit');
      if (!isOver) deaths += 1;
    }
  };
  const supervised = supervise();
  afterwards(async () => {
    isOver = true;
    node?.kill('SIGKILL');
    await supervised;
  });

  await untilNothingIsLeft(db);

  const log = await stage.log();
  expect(log.filter(({ status }) => status === 'sent').length).toBe(good);
  expect(log.filter(({ status }) => status === 'permanent_failure').map(({ id }) => id)).toEqual([...poison].sort());
  for (const id of poison) expect(times.get(id)).toBeLessThanOrEqual(maxAttempts);
  expect(times.size).toBe(good + poisoned);
  report('poisoned', { good, poisoned, deaths });
});
