import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import pino from 'pino';
import { type DatabaseMonitor, type MonitorOptions, startMonitor } from '../../src/database/monitor.ts';
import { onTestDatabase } from '../support/database.ts';
import { aProxy, type FaultyProxy, throughProxy } from '../support/proxy.ts';

const { db, url } = await onTestDatabase();
const log = pino({ level: 'silent' });
const monitors: DatabaseMonitor[] = [];
let proxy: FaultyProxy;
beforeAll(async () => {
  proxy = await aProxy({ port: Number(new URL(url).port) });
});
afterEach(() => {
  proxy.resume();
  for (const monitor of monitors.splice(0)) monitor.close();
});
afterAll(() => proxy.close());

async function watch(more: Partial<MonitorOptions> = {}): Promise<DatabaseMonitor> {
  const monitor = await startMonitor({ url, log, pollMs: 1e9, ...more });
  monitors.push(monitor);
  return monitor;
}

describe('the check of the database', () => {
  it('the check accepts a working database', async () => {
    expect(await (await watch()).check()).toBeUndefined();
  });

  it('the check does not wait for a silent database', async () => {
    const monitor = await watch({ url: throughProxy(url, proxy) });
    proxy.stall();

    expect(await monitor.check()).toBe('the database does not respond');
  });

  it('the check detects a lost database, logs it, and detects its return', async () => {
    const faults: unknown[] = [];
    const monitor = await watch({
      url: throughProxy(url, proxy),
      log: { ...log, error: (fault: unknown) => faults.push(fault) } as never,
    });
    proxy.retarget(1);
    proxy.cut();

    expect(await monitor.check()).toBe('the database is unreachable');
    expect(faults.length).toBeGreaterThan(0);
    proxy.retarget(Number(new URL(url).port));
    expect(await monitor.check()).toBeUndefined();
  });

  it('the check detects a read-only database', async () => {
    await watch();
    const address = new URL(url);
    address.searchParams.set('options', '-c default_transaction_read_only=on');

    expect(await (await watch({ url: address.href })).check()).toBe('the database is read-only');
  });

  it('the check does not need a connection of the pool', async () => {
    const monitor = await watch();
    const sleeps = Array.from({ length: 5 }, () => db.query({ text: 'select pg_sleep(0.3)', values: [] }));

    expect(await monitor.check()).toBeUndefined();
    await Promise.all(sleeps);
  });

  it('the check detects missing tables and their return', async () => {
    const monitor = await watch();
    await db.query({ text: 'alter table settings rename to elsewhere', values: [] });

    const without = await monitor.check();
    await db.query({ text: 'alter table elsewhere rename to settings', values: [] });

    expect(without).toContain('does not have the tables of Tidings');
    expect(await monitor.check()).toBeUndefined();
  });
});

it('a monitor that is closed while it connects leaves no connection', async () => {
  const monitor = await watch({ url: throughProxy(url, proxy) });
  proxy.cut();
  const answer = monitor.check();
  monitor.close();

  await answer;
  await until(`application_name = 'tidings monitor'`, 0);
  await proxy.until((count) => count === 0);
  expect(proxy.connections).toBe(0);
});

describe('other nodes on the same database', () => {
  it('other nodes are reported once, and again only after this one was alone', async () => {
    let reports = 0;
    const monitor = await watch({ onOtherNodes: () => (reports += 1) });
    const looks = async (count: number) => {
      for (let look = 0; look < count; look++) await monitor.check();
    };
    await looks(5);
    expect(reports).toBe(0);

    const other = await watch();
    await looks(5);
    expect(reports).toBe(1);

    other.close();
    await until(`application_name = 'tidings monitor'`, 1);
    await looks(1);
    await watch();
    await looks(3);
    expect(reports).toBe(2);
  });
});

it('nodes of versions that take no node lock are reported while connected, and once afterwards', async () => {
  let reports = 0;
  const monitor = await watch({ onOldNodes: () => (reports += 1) });
  await monitor.check();
  expect(reports).toBe(0);
  const old = new pg.Client({ connectionString: url, application_name: 'tidings' });
  await old.connect();

  await monitor.check();
  await monitor.check();
  expect(reports).toBe(2);
  await old.end();
  await until(`application_name = 'tidings'`, 0);
  await monitor.check();
  await monitor.check();

  expect(reports).toBe(3);
});

/** Resolves when at most this many connections match the condition. */
async function until(condition: string, most: number): Promise<void> {
  for (;;) {
    const rows = await db.query({
      text: `select from pg_stat_activity where datname = current_database() and ${condition}`,
      values: [],
    });
    if (rows.length <= most) return;
  }
}
