import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { type Bus, type BusListener, memoryBus } from '../../../src/live/bus/bus.ts';
import { openBus } from '../../../src/live/bus/open-bus.ts';
import { openPostgresBus } from '../../../src/live/bus/postgres-bus.ts';
import { openRedisBus } from '../../../src/live/bus/redis-bus.ts';
import type { VersionRange } from '../../../src/notifications/ranges.ts';
import { testDatabase } from '../../support/database.ts';
import { anIdentity } from '../../support/identity.ts';
import { aProxy, type BadLine, overLine } from '../../support/proxy.ts';
import { onRedis, startTestRedis } from '../../support/redis.ts';

const log = pino({ level: 'silent' });

/** What two processes share, and what may happen to it. */
export interface BusStage {
  /** The bus of one process. */
  open(name: string): Promise<Bus>;
  /** Cuts the connections of one process. */
  cut(name: string): Promise<void>;
  /**
   * The bus of one process on a line that may go bad.
   * @param beatMs how often it looks whether the line is alive.
   */
  openOnLine(beatMs?: number): Promise<{ readonly bus: Bus; readonly line: BadLine }>;
  /** Begins to read along what goes over the wire. */
  overhear(): Promise<readonly string[]>;
  /** A listener is told of an interruption when it begins to follow. */
  readonly tellsWhenHeard: boolean;
  close(): Promise<void>;
}

export const memoryStage = async (): Promise<BusStage> => {
  const bus = memoryBus();
  const none = () => Promise.reject(new Error('A process has no connection to itself.'));
  return {
    open: async () => bus,
    cut: none,
    openOnLine: none,
    overhear: none,
    tellsWhenHeard: false,
    close: bus.close,
  };
};

export const postgresStage = async (): Promise<BusStage> => {
  const { db, url, drop } = await testDatabase();
  const buses: Bus[] = [];
  const ears: pg.Client[] = [];
  const lines: BadLine[] = [];
  return {
    tellsWhenHeard: false,
    async open(name) {
      const address = new URL(url);
      address.searchParams.set('application_name', name);
      const bus = await openBus({ kind: 'postgres', databaseUrl: address.href, identity: anIdentity(), log });
      buses.push(bus);
      return bus;
    },
    async openOnLine(beatMs) {
      const { hostname: host, port } = new URL(url);
      const line = await aProxy({ host, port: Number(port) });
      lines.push(line);
      const bus = await openPostgresBus({ url: overLine(url, line), log, ...(beatMs && { beatMs }) });
      buses.push(bus);
      return { bus, line };
    },
    async cut(name) {
      const cut = await db.query({
        text: `select pg_terminate_backend(pid, 5000) from pg_stat_activity
               where datname = current_database() and application_name = $1`,
        values: [name],
      });
      if (cut.length !== 1) throw new Error(`${cut.length} connections of ${name}.`);
    },
    async overhear() {
      const heard: string[] = [];
      const ear = new pg.Client({ connectionString: url });
      ear.on('notification', ({ payload }) => heard.push(payload ?? ''));
      await ear.connect();
      await ear.query('listen tidings_writes');
      ears.push(ear);
      return heard;
    },
    async close() {
      await Promise.all([...buses.map((bus) => bus.close()), ...ears.map((ear) => ear.end())]);
      await Promise.all(lines.map((line) => line.close()));
      await drop();
    },
  };
};

/** Null where there is no Redis. */
export const redisStage = async (): Promise<BusStage | null> => {
  const redis = await startTestRedis();
  if (redis === null) return null;
  const { url } = redis;
  const identity = anIdentity();
  const buses: Bus[] = [];
  const clean: (() => unknown)[] = [];
  return {
    tellsWhenHeard: true,
    async open(name) {
      const bus = await openBus({ kind: `${url}?connectionName=${name}`, databaseUrl: '', identity, log });
      buses.push(bus);
      return bus;
    },
    async openOnLine(beatMs) {
      const address = new URL(url);
      const line = await aProxy({ host: address.hostname, port: Number(address.port || 6379) });
      clean.push(line.close);
      address.host = `127.0.0.1:${line.port}`;
      const bus = await openRedisBus({ url: address.href, identity, log, ...(beatMs && { beatMs }) });
      buses.push(bus);
      return { bus, line };
    },
    async cut(name) {
      await onRedis(url, async (admin) => {
        const clients = String(await admin.client('LIST')).split('\n');
        const ids = clients
          .filter((line) => line.includes(` name=${name} `))
          .map((line) => /^id=(\d+)/.exec(line)?.[1]);
        if (ids.length !== 2) throw new Error(`${ids.length} connections of ${name}.`);
        for (const id of ids) await admin.client('KILL', 'ID', id ?? '');
      });
    },
    async overhear() {
      const heard: string[] = [];
      const ear = new Redis(url);
      ear.on('message', (_channel, message) => heard.push(message));
      await ear.subscribe(`tidings:${identity.current()}:writes`);
      clean.push(() => ear.disconnect());
      return heard;
    },
    async close() {
      await Promise.all(buses.map((bus) => bus.close()));
      for (const step of clean) await step();
      await redis.stop();
    },
  };
};

/** Whoever listens, with what it was told. */
export interface Ear extends BusListener {
  readonly writes: (readonly VersionRange[])[];
  /** How often it was told that something may be missing. */
  interruptions(): number;
  /** Fulfilled when what it was told satisfies. */
  until(check: (ear: Ear) => boolean): Promise<void>;
}

export function anEar(): Ear {
  const waiting = new Set<() => void>();
  const writes: (readonly VersionRange[])[] = [];
  let interruptions = 0;
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const ear: Ear = {
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
          if (!check(ear)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  return ear;
}
