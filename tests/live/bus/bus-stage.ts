import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { type Bus, type BusListener, createMemoryBus } from '../../../src/live/bus/bus.ts';
import { openBus } from '../../../src/live/bus/open-bus.ts';
import { openPostgresBus } from '../../../src/live/bus/postgres-bus.ts';
import { openRedisBus } from '../../../src/live/bus/redis-bus.ts';
import type { VersionRange } from '../../../src/notifications/ranges.ts';
import { testDatabase } from '../../support/database.ts';
import { anIdentity } from '../../support/identity.ts';
import { aProxy, type FaultyProxy, throughProxy } from '../../support/proxy.ts';
import { onRedis, startTestRedis } from '../../support/redis.ts';

const log = pino({ level: 'silent' });

/** Opens the buses of several processes, which pass writes to each other, and causes faults. */
export interface BusStage {
  /** Opens the bus of one process. */
  open(name: string): Promise<Bus>;
  /** Cuts the connections of one process. */
  cut(name: string): Promise<void>;
  /**
   * Opens the bus of one process behind a proxy that can stop passing data.
   * @param beatMs milliseconds between its heartbeats.
   */
  openThroughProxy(beatMs?: number): Promise<{ readonly bus: Bus; readonly proxy: FaultyProxy }>;
  /** Starts recording the messages between the processes; the returned list grows. */
  recordMessages(): Promise<readonly string[]>;
  /** Whether a new follower is notified of an interruption. */
  readonly interruptsOnFollow: boolean;
  close(): Promise<void>;
}

export const memoryStage = async (): Promise<BusStage> => {
  const bus = createMemoryBus();
  const none = () => Promise.reject(new Error('A process has no connection to itself.'));
  return {
    open: async () => bus,
    cut: none,
    openThroughProxy: none,
    recordMessages: none,
    interruptsOnFollow: false,
    close: bus.close,
  };
};

export const postgresStage = async (): Promise<BusStage> => {
  const { db, url, drop } = await testDatabase();
  const buses: Bus[] = [];
  const listeners: pg.Client[] = [];
  const proxies: FaultyProxy[] = [];
  return {
    interruptsOnFollow: false,
    async open(name) {
      const address = new URL(url);
      address.searchParams.set('application_name', name);
      const bus = await openBus({ kind: 'postgres', databaseUrl: address.href, identity: anIdentity(), log });
      buses.push(bus);
      return bus;
    },
    async openThroughProxy(beatMs) {
      const { hostname: host, port } = new URL(url);
      const proxy = await aProxy({ host, port: Number(port) });
      proxies.push(proxy);
      const bus = await openPostgresBus({ url: throughProxy(url, proxy), log, ...(beatMs && { beatMs }) });
      buses.push(bus);
      return { bus, proxy };
    },
    async cut(name) {
      const cut = await db.query({
        text: `select pg_terminate_backend(pid, 5000) from pg_stat_activity
               where datname = current_database() and application_name = $1`,
        values: [name],
      });
      if (cut.length !== 1) throw new Error(`${cut.length} connections of ${name}.`);
    },
    async recordMessages() {
      const received: string[] = [];
      const listener = new pg.Client({ connectionString: url });
      listener.on('notification', ({ payload }) => received.push(payload ?? ''));
      await listener.connect();
      await listener.query('listen tidings_writes');
      listeners.push(listener);
      return received;
    },
    async close() {
      await Promise.all([...buses.map((bus) => bus.close()), ...listeners.map((listener) => listener.end())]);
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await drop();
    },
  };
};

/** Null when Redis is not installed. */
export const redisStage = async (): Promise<BusStage | null> => {
  const redis = await startTestRedis();
  if (redis === null) return null;
  const { url } = redis;
  const identity = anIdentity();
  const buses: Bus[] = [];
  const cleanUps: (() => unknown)[] = [];
  return {
    interruptsOnFollow: true,
    async open(name) {
      const bus = await openBus({ kind: `${url}?connectionName=${name}`, databaseUrl: '', identity, log });
      buses.push(bus);
      return bus;
    },
    async openThroughProxy(beatMs) {
      const address = new URL(url);
      const proxy = await aProxy({ host: address.hostname, port: Number(address.port || 6379) });
      cleanUps.push(proxy.close);
      address.host = `127.0.0.1:${proxy.port}`;
      const bus = await openRedisBus({ url: address.href, identity, log, ...(beatMs && { beatMs }) });
      buses.push(bus);
      return { bus, proxy };
    },
    async cut(name) {
      await onRedis(url, async (admin) => {
        const clients = String(await admin.client('LIST')).split('\n');
        const ids = clients
          .filter((client) => client.includes(` name=${name} `))
          .map((client) => /^id=(\d+)/.exec(client)?.[1]);
        if (ids.length !== 2) throw new Error(`${ids.length} connections of ${name}.`);
        for (const id of ids) await admin.client('KILL', 'ID', id ?? '');
      });
    },
    async recordMessages() {
      const received: string[] = [];
      const listener = new Redis(url);
      listener.on('message', (_channel, message) => received.push(message));
      await listener.subscribe(`tidings:${identity.current()}:writes`);
      cleanUps.push(() => listener.disconnect());
      return received;
    },
    async close() {
      await Promise.all(buses.map((bus) => bus.close()));
      for (const step of cleanUps) await step();
      await redis.stop();
    },
  };
};

/** A listener that records its calls. */
export interface TestListener extends BusListener {
  readonly writes: (readonly VersionRange[])[];
  /** Number of `interrupted` calls. */
  interruptions(): number;
  /** Resolves when the condition holds. */
  until(check: (listener: TestListener) => boolean): Promise<void>;
}

export function aTestListener(): TestListener {
  const waiting = new Set<() => void>();
  const writes: (readonly VersionRange[])[] = [];
  let interruptions = 0;
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const listener: TestListener = {
    writes,
    interruptions: () => interruptions,
    written(ranges) {
      writes.push(ranges);
      wake();
    },
    interrupted() {
      interruptions += 1;
      wake();
    },
    until: (check) =>
      new Promise((resolve) => {
        const look = () => {
          if (!check(listener)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  return listener;
}
