import { expect, it, jest } from '@jest/globals';
import { openDatabase } from '../../src/database/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import type { Outcome } from '../../src/dispatch/methods/method.ts';
import { createMetrics } from '../../src/dispatch/metrics.ts';
import { aMethod, aStage } from '../dispatch/stage.ts';
import { aDataDir, start } from '../support/embedded.ts';
import { afterwards } from './afterwards.ts';
import { eventually, onceAnswered, people, untilNothingIsLeft } from './dispatch-ends.ts';
import { randomFor, report, scale } from './live-figures.ts';

const crashes = 2 * scale;
const messages = 3000 * scale;

jest.setTimeout(120_000 + 60_000 * scale);

const hook = {
  WEBHOOK_ENDPOINT: 'http://127.0.0.1:1/',
  NOTIFICATIONS_METHOD: 'webhook',
  INBOX_ENABLED: 'false',
  FETCH_INTERVAL_MS: '200',
  LEASE_PERIOD_MS: '3000',
  DISPATCH_TIMEOUT_MS: '1000',
  MAX_SEND_ATTEMPTS: '1000',
};

it('every message is sent although the database crashes and loses stored results', async () => {
  const random = randomFor('crashes');
  // The database flushes as rarely as possible, so that a crash loses as much as possible.
  const { url } = await start(await aDataDir(), { settings: { fsync: 'off', wal_writer_delay: '10s' } });
  await migrate(url, { log: { info: () => undefined } });
  const db = await openDatabase({ url, poolSize: 5 });
  const stage = await aStage(hook, { db, drop: () => db.close() });
  afterwards(stage.close);
  await stage.enqueue({ recipients: await people(db, messages) });
  const sentTimes = new Map<string, number>();
  const method = aMethod('webhook', async ({ id }): Promise<Outcome> => {
    await new Promise(setImmediate);
    if (random.next() < 0.2) return { kind: 'retry', reason: 'not now' };
    sentTimes.set(id, (sentTimes.get(id) ?? 0) + 1);
    return { kind: 'sent' };
  });
  const metrics = createMetrics(stage.prisma);
  const dispatcher = stage.start({ methods: [method], metrics });

  for (let crash = 1; crash <= crashes; crash++) {
    const sent = Math.floor((messages * crash) / (crashes + 1));
    await method.received(sent);
    // The checkpoint writes the leases to disk. The results that are stored after it get lost in the crash.
    await onceAnswered(() => db.query({ text: 'checkpoint', values: [] }));
    const stored = metrics.updates.synced + 300;
    await eventually(() => metrics.updates.synced >= stored);
    await onceAnswered(killBackend);
  }
  const open = await untilNothingIsLeft(db);
  await dispatcher.stop();

  expect(open).toEqual({ unsettled: 0, queued: 0, leases: 0 });
  expect(sentTimes.size).toBe(messages);
  const [orphans] = (await metrics.orphans.get()).values;
  expect(orphans?.value).toBe(0);
  const twice = [...sentTimes.values()].filter((times) => times > 1).length;
  report('database crashes', { messages, crashes, twice, forgotten: metrics.updates.forgotten });

  /** Kills one PostgreSQL process: all others end with it, and what was not flushed to disk is lost. */
  async function killBackend(): Promise<void> {
    const [backend] = await db.query<{ pid: number }>({
      text: `select pid from pg_stat_activity where backend_type = 'client backend'
             order by pid = pg_backend_pid() limit 1`,
      values: [],
    });
    if (backend === undefined) throw new Error('There is no backend to kill.');
    process.kill(backend.pid, 'SIGKILL');
  }
});
