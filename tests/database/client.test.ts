import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openDatabase } from '../../src/database/client.ts';
import type { Queryable } from '../../src/database/database.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { onTestDatabase } from '../support/database.ts';

const { db, url } = await onTestDatabase();
await db.query(sql('create table counters (name text primary key, value int not null)'));
await db.query(sql(`insert into counters values ('a', 0), ('b', 0), ('c', 0)`));

function sql(text: string, ...values: unknown[]) {
  return { text, values };
}

async function backendOf(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ pid: number }>(sql('select pg_backend_pid() as pid'));
  return row?.pid ?? 0;
}

async function valueOfCounter(name: string): Promise<number | undefined> {
  const rows = await db.query<{ value: number }>(sql('select value from counters where name = $1', name));
  return rows[0]?.value;
}

const increment = (name: string) => sql('update counters set value = value + 1 where name = $1', name);

describe('openDatabase', () => {
  it('the pool shares its connections with Prisma', async () => {
    const [row] = await db.prisma.$queryRaw<{ name: string }[]>`select current_setting('application_name') as name`;

    expect(row?.name).toBe('tidings node');
  });

  it('Prisma reads the same timestamps as the pool', async () => {
    const id = '8b3f1f9e-3f0c-4e55-8c6b-5b8d3a4e2a11';
    const lastAccess = new Date('2024-02-03T04:05:06.789Z');

    await db.prisma.user.create({ data: { id, last_access: lastAccess } });

    const [row] = await db.query<{ at: string }>(sql('select last_access as at from users where id = $1', id));
    expect(row?.at).toBe(lastAccess.toISOString());
    expect((await db.prisma.user.findUniqueOrThrow({ where: { id } })).last_access).toEqual(lastAccess);
  });

  it('opening fails when the database does not respond', async () => {
    await expect(openDatabase({ url: 'postgresql://127.0.0.1:1/none', poolSize: 1 })).rejects.toThrow('ECONNREFUSED');
  });

  it('closing the pool repeatedly closes it once', async () => {
    const other = await openDatabase({ url, poolSize: 1 });

    await Promise.all([other.close(), other.close()]);

    await expect(other.query(sql('select 1'))).rejects.toThrow();
  });
});

describe('query', () => {
  it('a named statement is prepared once per connection', async () => {
    const single = await openDatabase({ url, poolSize: 1 });
    await single.query({ text: 'select $1::int as n', values: [1], name: 'one' });

    const rows = await single.query<{ n: number }>({ text: 'select $1::int as n', values: [2], name: 'one' });

    expect(rows).toEqual([{ n: 2 }]);
    expect(await single.query(sql('select name from pg_prepared_statements'))).toEqual([{ name: 'one' }]);
    await single.close();
  });

  it('a refused statement keeps its connection', async () => {
    const single = await openDatabase({ url, poolSize: 1 });
    const before = await backendOf(single);

    await expect(single.query(sql(`insert into counters values ('a', 0)`))).rejects.toMatchObject({ code: '23505' });

    expect(await backendOf(single)).toBe(before);
    await single.close();
  });

  it('a connection cut in use is replaced', async () => {
    const single = await openDatabase({ url, poolSize: 1 });

    await expect(single.query(sql('select pg_terminate_backend(pg_backend_pid())'))).rejects.toThrow();

    expect(await single.query(sql('select 1 as n'))).toEqual([{ n: 1 }]);
    await single.close();
  });

  it('a connection cut while idle is reported and replaced', async () => {
    let report: (error: Error) => void = () => undefined;
    const reported = new Promise<Error>((resolve) => {
      report = resolve;
    });
    const single = await openDatabase({ url, poolSize: 1, onIdleError: report });

    await db.query(sql('select pg_terminate_backend($1)', await backendOf(single)));

    const error = await reported;
    expect(error).toMatchObject({ code: '57P01' });
    expect(error).not.toHaveProperty('client');
    expect(await single.query(sql('select 1 as n'))).toEqual([{ n: 1 }]);
    await single.close();
  });
});

describe('transaction', () => {
  it('a transaction commits when its work returns', async () => {
    const result = await db.transaction(async (transaction) => {
      await transaction.query(sql(`insert into counters values ('committed', 1)`));
      return 'done';
    });

    expect(result).toBe('done');
    expect(await valueOfCounter('committed')).toBe(1);
  });

  it('a transaction rolls back when its work throws', async () => {
    const work = db.transaction(async (transaction) => {
      await transaction.query(sql(`insert into counters values ('thrown', 1)`));
      throw new Error('changed my mind');
    });

    await expect(work).rejects.toThrow('changed my mind');
    expect(await valueOfCounter('thrown')).toBeUndefined();
  });

  it('a failed transaction is not reported as committed', async () => {
    const work = db.transaction(async (transaction) => {
      await transaction.query(sql('select 1 / 0')).catch(() => undefined);
    });

    await expect(work).rejects.toThrow('rolled back');
  });

  it('a finished transaction refuses statements', async () => {
    let kept: Queryable | undefined;
    await db.transaction(async (transaction) => {
      kept = transaction;
    });

    await expect(kept?.query(sql('select 1'))).rejects.toThrow('over');
  });

  it('a transaction is retried once after a deadlock', async () => {
    let attempts = 0;
    const met = meeting(2);
    const winner = promiseWithResolvers<void>();
    const work = async (first: string, second: string) => {
      await db.transaction(async (transaction) => {
        attempts += 1;
        // The retry must not take its first row before the other transaction has it: they would deadlock again.
        if (attempts > 2) await winner.promise;
        await transaction.query(increment(first));
        await met();
        await transaction.query(increment(second));
      });
      winner.resolve();
    };

    await Promise.all([work('a', 'b'), work('b', 'a')]);

    expect(attempts).toBe(3);
    expect([await valueOfCounter('a'), await valueOfCounter('b')]).toEqual([2, 2]);
  });

  it('a transaction is tried at most twice', async () => {
    let attempts = 0;
    const work = db.transaction(async (transaction) => {
      attempts += 1;
      await transaction.query(sql(`do $$ begin raise sqlstate '40001'; end $$`));
    });

    await expect(work).rejects.toMatchObject({ code: '40001' });
    expect(attempts).toBe(2);
  });

  it('a transaction is not retried after another error', async () => {
    let attempts = 0;
    const work = db.transaction(async (transaction) => {
      attempts += 1;
      await transaction.query(sql(`insert into counters values ('a', 0)`));
    });

    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(attempts).toBe(1);
  });

  it('a transaction whose connection is cut releases it', async () => {
    const single = await openDatabase({ url, poolSize: 1 });
    const other = new pg.Client({ connectionString: url });
    await other.connect();

    const work = single.transaction(async (transaction) => {
      await other.query('select pg_terminate_backend($1)', [await backendOf(transaction)]);
      await transaction.query(sql('select 1'));
    });

    await expect(work).rejects.toThrow();
    expect(await single.query(sql('select 1 as n'))).toEqual([{ n: 1 }]);
    await single.close();
    const ended = once(other, 'end');
    await other.end();
    await ended;
  });
});

/** Makes the first `size` callers wait for each other; later ones pass. */
function meeting(size: number): () => Promise<void> {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived >= size) open();
    return opened;
  };
}
