import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { v4 as uuid } from 'uuid';
import { type Bus, type BusListener, memoryBus, type VersionRange } from '../../src/live/bus.ts';
import { openBus } from '../../src/live/open-bus.ts';
import { testDatabase } from '../support/database.ts';
import { onRedis, startTestRedis } from '../support/redis.ts';

const log = pino({ level: 'silent' });

/** What two processes share, and what may happen to it. */
export interface BusStage {
  /** The bus of one process. */
  open(name: string): Promise<Bus>;
  /** Cuts the connections of one process. */
  cut(name: string): Promise<void>;
  /** Begins to read along what goes over the wire. */
  overhear(): Promise<readonly string[]>;
  /** A listener is told of an interruption when it begins to follow. */
  readonly tellsWhenHeard: boolean;
  close(): Promise<void>;
}

export const memoryStage = async (): Promise<BusStage> => {
  const bus = memoryBus();
  const none = () => Promise.reject(new Error('A process has no connection to itself.'));
  return { open: async () => bus, cut: none, overhear: none, tellsWhenHeard: false, close: bus.close };
};

export const postgresStage = async (): Promise<BusStage> => {
  const { db, url, drop } = await testDatabase();
  const buses: Bus[] = [];
  const ears: pg.Client[] = [];
  return {
    tellsWhenHeard: false,
    async open(name) {
      const address = new URL(url);
      address.searchParams.set('application_name', name);
      const bus = await openBus({ kind: 'postgres', databaseUrl: address.href, databaseId: uuid(), log });
      buses.push(bus);
      return bus;
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
      for (const open of [...buses.map((bus) => bus.close()), ...ears.map((ear) => ear.end())]) await open;
      await drop();
    },
  };
};

/** Null where there is no Redis. */
export const redisStage = async (): Promise<BusStage | null> => {
  const redis = await startTestRedis();
  if (redis === null) return null;
  const { url } = redis;
  const databaseId = uuid();
  const buses: Bus[] = [];
  const clean: (() => unknown)[] = [];
  return {
    tellsWhenHeard: true,
    async open(name) {
      const bus = await openBus({ kind: `${url}?connectionName=${name}`, databaseUrl: '', databaseId, log });
      buses.push(bus);
      return bus;
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
      await ear.subscribe(`tidings:${databaseId}:writes`);
      clean.push(() => ear.disconnect());
      return heard;
    },
    async close() {
      for (const closing of buses.map((bus) => bus.close())) await closing;
      for (const step of clean) step();
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
