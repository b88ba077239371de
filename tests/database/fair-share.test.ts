import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openDatabase } from '../../src/database/client.ts';
import { createFairShare, type Running } from '../../src/database/fair-share.ts';
import { testDatabase } from '../support/database.ts';

const poolSize = 6;
const share = 2;

const { db: watching, url, drop } = await testDatabase();
const db = await openDatabase({ url, poolSize });
afterAll(async () => {
  await db.close();
  await watching.close();
  await drop();
});

/** A statement that takes this many seconds, with a mark to find it by. */
const slow = (owner: string, seconds: number) =>
  db.query<{ owner: string }>({
    text: `select $1 as owner from pg_sleep($2) /* slow ${owner} */`,
    values: [owner, seconds],
    owner,
  });
const lock = 7;
/** A statement that takes until the lock is released, with such a mark. */
const held = (mark: string, owner?: string) =>
  db.query<{ mark: string }>({
    text: `select $1 as mark from pg_advisory_xact_lock_shared($2) /* slow ${mark} */`,
    values: [mark, lock],
    owner,
  });
const quick = (owner?: string) => db.query({ text: 'select 1 as one', values: [], owner });

/** The number of statements of an owner that the server is running. */
async function running(owner: string): Promise<number> {
  const [row] = await watching.query<{ count: number }>({
    text: `select count(*)::int as count from pg_stat_activity where state = 'active' and query like '%slow ' || $1 || ' %'`,
    values: [owner],
  });
  return row?.count ?? 0;
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise(setImmediate);
}

describe('the pool', () => {
  it('slow statements are cancelled as soon as another caller waits for a connection', async () => {
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('select pg_advisory_lock($1)', [lock]);
    // Opening a connection can take longer than a statement may run before it counts as slow, so all are opened first.
    const opening = Array.from({ length: poolSize }, () => held('opening'));
    await until(async () => (await running('opening')) === poolSize);
    await holder.query('select pg_advisory_unlock($1)', [lock]);
    await Promise.all(opening);
    await holder.query('select pg_advisory_lock($1)', [lock]);
    const all = Array.from({ length: poolSize + 2 }, () => held('greedy', 'greedy'));
    await until(async () => (await running('greedy')) === poolSize);

    await expect(quick('other')).resolves.toEqual([{ one: 1 }]);
    await expect(quick()).resolves.toEqual([{ one: 1 }]);
    await until(async () => (await running('greedy')) <= share);

    await holder.end();
    // The cancelled statement was run again, and its caller got the result.
    await expect(Promise.all(all)).resolves.toEqual(all.map(() => [{ mark: 'greedy' }]));
  });

  it('a caller with slow statements gets only a share of the pool', async () => {
    await slow('known', 0.3);

    const all = Array.from({ length: poolSize }, () => slow('known', 0.3));
    const counts: number[] = [];
    let isOver = false;
    const done = Promise.all(all).finally(() => {
      isOver = true;
    });
    await until(async () => {
      counts.push(await running('known'));
      return isOver;
    });

    await done;
    expect(Math.max(...counts)).toBe(share);
  });

  it('callers with quick statements may use the whole pool', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => quick('busy')));

    expect(answers).toHaveLength(200);
  });

  it('an error of a statement is passed on, and the pool continues', async () => {
    const faulty = () => db.query({ text: 'select nothing', values: [], owner: 'faulty' });

    const failures = await Promise.allSettled(Array.from({ length: 10 }, faulty));

    expect(failures.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
    await expect(quick('faulty')).resolves.toEqual([{ one: 1 }]);
  });
});

describe('the share of an owner', () => {
  it('a cancellation that is lost is repeated', async () => {
    const cancelled = Object.assign(new pg.DatabaseError('cancelled', 0, 'error'), { code: '57014' });
    const cancels: (readonly number[])[] = [];
    const failures = new Map<number, (error: Error) => void>();
    const fairShare = createFairShare({
      poolSize: 3,
      waitingCount: () => 1,
      async cancel(processIds) {
        cancels.push(processIds);
        if (cancels.length === 1) throw new Error('The server cannot be reached.');
        for (const processId of processIds) failures.get(processId)?.(cancelled);
      },
    });
    let begun = 0;
    let endFirst = (_result: string): void => undefined;
    const work = (running: Running) => {
      begun += 1;
      const processId = begun;
      running.begin(processId);
      if (processId === 3) return Promise.resolve('run again');
      return new Promise<string>((resolve, reject) => {
        failures.set(processId, reject);
        if (processId === 1) endFirst = resolve;
      });
    };
    const first = fairShare.run('greedy', work);
    const second = fairShare.run('greedy', work);

    await until(async () => cancels.length === 2);
    endFirst('not cancelled');

    await expect(Promise.all([first, second])).resolves.toEqual(['not cancelled', 'run again']);
    expect(cancels).toEqual([[2], [2]]);
  });
});

describe('the rows of a caller’s statement', () => {
  it('the rows of a statement are read only up to the maximum response size, and the connection is kept', async () => {
    const bounded = await openDatabase({ url, poolSize: 1, answerMax: 10_000 });
    const text = `select repeat('x', 1000) as text from generate_series(1, $1::int)`;

    await expect(bounded.query({ text, values: [5], owner: 'a' })).resolves.toHaveLength(5);
    await expect(bounded.query({ text, values: [1000], owner: 'a' })).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    await expect(bounded.query({ text, values: [5], owner: 'a' })).resolves.toHaveLength(5);
    // Statements of the service itself have no limit.
    await expect(bounded.query({ text, values: [1000] })).resolves.toHaveLength(1000);
    await bounded.close();
  });
});

describe('prepared statements', () => {
  it('prepared statements are kept while used, and the least recently used are deallocated', async () => {
    const single = await openDatabase({ url, poolSize: 1 });
    const ask = (index: number) =>
      single.query<{ n: number }>({ text: `select $1::int + ${index} as n`, values: [1], name: `s${index}` });
    const prepared = () =>
      single.query<{ name: string }>({ text: 'select name from pg_prepared_statements', values: [] });
    for (let index = 1; index <= 600; index++) {
      await ask(index);
      // A statement that is used constantly.
      await expect(ask(0)).resolves.toEqual([{ n: 1 }]);
    }

    const kept = (await prepared()).map(({ name }) => name);

    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept).toEqual(expect.arrayContaining(['s0', 's600', 's500']));
    expect(kept).not.toContain('s1');
    // A deallocated statement is prepared again; one that cannot be prepared has no effect on others.
    await expect(ask(1)).resolves.toEqual([{ n: 2 }]);
    for (let index = 0; index < 250; index++) {
      const wrong = single.query({ text: `select nothing_${index}`, values: [], name: `wrong${index}` });
      await expect(wrong).rejects.toThrow('nothing');
    }
    await expect(ask(0)).resolves.toEqual([{ n: 1 }]);
    await single.close();
  });
});
