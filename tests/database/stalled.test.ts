import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../src/database/client.ts';
import type { Database, Queryable } from '../../src/database/database.ts';
import { isOutage } from '../../src/outage.ts';
import { onTestDatabase } from '../support/database.ts';
import { aProxy, type FaultyProxy, throughProxy } from '../support/proxy.ts';

const { db: direct, url } = await onTestDatabase();

const sql = (text: string, ...values: unknown[]) => ({ text, values });

async function backendOf(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ pid: number }>(sql('select pg_backend_pid() as pid'));
  return row?.pid ?? 0;
}

let proxy: FaultyProxy;
beforeAll(async () => {
  proxy = await aProxy({ port: Number(new URL(url).port) });
});
afterAll(() => proxy.close());
afterEach(() => proxy.resume());

/** A database behind a proxy, with this statement timeout. */
async function open(timeoutMs: number, options = ''): Promise<Database> {
  const address = new URL(throughProxy(url, proxy));
  if (options !== '') address.searchParams.set('options', options);
  return openDatabase({ url: address.href, poolSize: 1, timeoutMs });
}

describe('a connection to the database that stalls', () => {
  const user = { id: '8b3f1f9e-3f0c-4e55-8c6b-5b8d3a4e2a11' };

  it.each<[string, (db: Database, stall: () => void) => Promise<unknown>]>([
    [
      'a statement',
      (db, stall) => {
        stall();
        return db.query(sql('select 1'));
      },
    ],
    [
      'a statement of Prisma',
      (db, stall) => {
        stall();
        return db.prisma.user.findMany();
      },
    ],
    [
      'a transaction of Prisma',
      (db, stall) =>
        db.prisma.$transaction(async (transaction) => {
          await transaction.user.deleteMany({ where: user });
          stall();
          await transaction.user.create({ data: user });
        }),
    ],
    [
      'a transaction',
      (db, stall) =>
        db.transaction(async (transaction) => {
          await transaction.query(sql('select 1'));
          stall();
          await transaction.query(sql('insert into users (id) values ($1)', user.id));
        }),
    ],
  ])('%s on a dead database connection fails after the timeout, and later work succeeds', async (_what, work) => {
    const db = await open(1000);
    const before = await backendOf(db);

    const failure: unknown = await work(db, proxy.stall).catch((error: unknown) => error);
    proxy.resume();

    expect(isOutage(failure)).toBe(true);
    expect(await backendOf(db)).not.toBe(before);
    expect(await direct.prisma.user.findUnique({ where: user })).toBeNull();
    await db.close();
  });
});

describe('a statement that takes too long', () => {
  it('a statement that takes too long is cancelled by the database and keeps its connection', async () => {
    const db = await open(300);
    const before = await backendOf(db);

    await expect(db.query(sql('select pg_sleep(60)'))).rejects.toMatchObject({ code: '57014' });

    expect(await backendOf(db)).toBe(before);
    await db.close();
  });

  it('a statement may take as long as the database URL allows', async () => {
    const db = await open(300_000, '-c statement_timeout=1234');

    const [row] = await db.query(sql(`select current_setting('statement_timeout') as bound`));

    expect(row).toEqual({ bound: '1234ms' });
    await db.close();
  });
});

it('a transaction left open for too long is ended', async () => {
  const db = await open(300);

  const left = db.transaction(async (transaction) => {
    const pid = await backendOf(transaction);
    for (;;) {
      const rows = await direct.query(sql('select from pg_stat_activity where pid = $1', pid));
      if (rows.length === 0) return transaction.query(sql('select 1'));
    }
  });

  await expect(left).rejects.toThrow();
  await db.close();
});
