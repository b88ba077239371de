import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { notificationsCollection } from '../../src/notifications/model.ts';
import { keysStatement, type QueryScope } from '../../src/query/list.ts';
import { type PageArguments, readPage } from '../../src/query/page.ts';
import { onTestDatabase } from '../support/database.ts';
import { rows as randomRows, sorts } from './arbitraries.ts';
import { alice, aMemberScope, aRow, aScope, bob, insertPeople, limits, replaceRows } from './people.ts';

const { db } = await onTestDatabase();
const moment = '2026-01-01T00:00:00.000Z';

beforeAll(() => insertPeople(db));

async function page(args: PageArguments, scope: QueryScope = aScope()) {
  const { rows, ...more } = await readPage<{ id: number }>(db, scope, ['id'], args);
  return { ids: rows.map(({ row }) => row.id), cursors: rows.map(({ cursor }) => cursor), ...more };
}

async function list(args: PageArguments): Promise<number[]> {
  return (await db.query<{ id: number }>(keysStatement(aScope(), { ...args, limit: -1 }))).map(({ id }) => id);
}

/** Walks through all pages; calls `between` after each. */
async function walk(args: PageArguments, size: number, isBackward = false, between = async () => undefined as unknown) {
  const found: number[] = [];
  let cursor: string | undefined;
  for (;;) {
    const { ids, cursors, hasNext, hasPrevious } = await page(
      isBackward ? { ...args, last: size, before: cursor } : { ...args, first: size, after: cursor },
    );
    if (isBackward) found.unshift(...ids);
    else found.push(...ids);
    cursor = isBackward ? cursors[0] : cursors.at(-1);
    if (!(isBackward ? hasPrevious : hasNext)) return found;
    await between();
  }
}

describe('pages by cursor', () => {
  beforeEach(() =>
    replaceRows(db, [
      ...[1, 2, 3, 4, 5].map((id) => aRow({ id, timestamp: moment, subject: id % 2 ? 'odd' : 'even' })),
      aRow({ id: 6, timestamp: null, recipient: alice, subject: 'É' }),
      aRow({ id: 7, timestamp: null, subject: 'odd' }),
      aRow({ id: 8, timestamp: '2025-01-01T00:00:00.000Z', subject: 'odd' }),
    ]),
  );

  it.each<[string[] | undefined]>([
    [undefined],
    [['-id']],
    [['timestamp']],
    [['-timestamp']],
    [['subject', '-timestamp']],
    [['-subject', 'timestamp']],
    [['recipient.email', '-status']],
    [['-year(timestamp)', 'subject']],
    [['id', 'timestamp']],
  ])('cursor pages sorted by %j equal the list in both directions', async (sort) => {
    const whole = await list({ sort });

    for (const size of [1, 2, 3, 8, 20]) {
      expect([size, await walk({ sort }, size)]).toEqual([size, whole]);
      expect([size, await walk({ sort }, size, true)]).toEqual([size, whole]);
    }
  });

  it.each([false, true])(
    'cursor pages show each row once while rows with equal times arrive (backward: %s)',
    async (isBackward) => {
      const args = { sort: ['-timestamp'], filter: { timestamp: { _eq: moment } } };
      let id = 100;
      const insert = () => {
        id += 1;
        return db.query({
          text: `insert into notifications (id, uuid, recipient_id, timestamp, subject, created_version, version)
          values ($1, gen_random_uuid(), $2, $3, 'new', $1, $1)`,
          values: [id, bob, moment],
        });
      };

      let left = 10;
      const found = await walk(args, 2, isBackward, async () => (left-- > 0 ? insert() : undefined));

      expect(new Set(found).size).toBe(found.length);
      expect(found.filter((each) => each < 100)).toEqual([5, 4, 3, 2, 1]);
      // New rows come first in the list: a forward walk has passed their position, a backward walk still reads them.
      expect(found.filter((each) => each > 100)).toEqual(isBackward ? [103, 102, 101] : []);
    },
  );

  it('cursor pages continue from a deleted row', async () => {
    const { cursors } = await page({ first: 2, sort: ['-id'] });
    await db.query({ text: 'delete from notifications where id = 7', values: [] });

    expect((await page({ first: 2, after: cursors[1], sort: ['-id'] })).ids).toEqual([6, 5]);
  });

  it('cursor pages report whether there are pages before and after', async () => {
    const { cursors, ...all } = await page({});
    const [, second, , , fifth] = cursors;
    const told = async (args: PageArguments) => {
      const { ids, hasNext, hasPrevious } = await page(args);
      return [ids, hasPrevious, hasNext];
    };

    expect(all).toMatchObject({ hasNext: false, hasPrevious: false });
    expect(await told({ first: 2 })).toEqual([[1, 2], false, true]);
    expect(await told({ first: 0 })).toEqual([[], false, true]);
    expect(await told({ first: 8 })).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], false, false]);
    expect(await told({ first: 2, after: second })).toEqual([[3, 4], true, true]);
    expect(await told({ last: 2 })).toEqual([[7, 8], true, false]);
    expect(await told({ last: 2, before: second })).toEqual([[1], false, true]);
    expect(await told({ after: second, before: fifth })).toEqual([[3, 4], true, false]);
    expect(await told({ last: 1, after: second, before: fifth })).toEqual([[4], true, true]);
    expect(await told({ first: 3, last: 2 })).toEqual([[2, 3], true, true]);
    expect(await told({ after: fifth, before: second })).toEqual([[], true, false]);
  });

  it('cursor pages contain only rows the viewer may see', async () => {
    expect((await page({ sort: ['-timestamp'] }, aMemberScope())).ids).toEqual([7, 5, 4, 3, 2, 1, 8]);
  });

  it('cursor pages have a maximum size', async () => {
    const scope = aScope({ limits: { ...limits, queryDefault: 3, queryMax: 4 } });

    expect((await page({}, scope)).ids).toEqual([1, 2, 3]);
    expect((await page({ first: 4 }, scope)).ids).toEqual([1, 2, 3, 4]);
    await expect(page({ first: 5 }, scope)).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    await expect(page({ last: 5 }, scope)).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    const everything = aScope({ limits: { ...limits, queryDefault: -1, queryMax: undefined } });
    expect((await page({}, everything)).ids).toHaveLength(8);
  });

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each<[string, PageArguments, string]>([
    ['a negative size', { first: -1 }, '"first"'],
    ['a negative size from the end', { last: -1 }, '"last"'],
    ['a text that is no cursor', { after: 'nope' }, '"after"'],
    ['an empty cursor', { before: '' }, '"before"'],
    ['a cursor that encodes null', { after: encoded(null) }, '"after"'],
    ['a cursor with too few values', { after: encoded(['id']) }, '"after"'],
    ['a cursor with a value of another type', { after: encoded(['id', 'x']) }, '"after"'],
    ['a cursor with a list for a value', { after: encoded(['id', [1]]) }, '"after"'],
    ['a cursor of another sort', { after: encoded(['-id', 1]) }, '"after"'],
    [
      'a cursor with a text that cannot be stored',
      { sort: ['subject'], after: encoded(['subject,id', '\0', 1]) },
      '"after"',
    ],
  ])('cursor pages are refused for %s, naming the argument', async (_what, args, name) => {
    await expect(page(args)).rejects.toMatchObject({
      code: 'INVALID_QUERY',
      message: expect.stringContaining(name),
    });
  });
});

describe('pages by cursor of random rows', () => {
  it('cursor pages of random rows equal the list', async () => {
    await fc.assert(
      fc.asyncProperty(randomRows, fc.array(sorts, { minLength: 5, maxLength: 5 }), async (rows, orders) => {
        await replaceRows(db, rows);
        for (const sort of orders) {
          const whole = await list({ sort });
          expect({ sort, ids: await walk({ sort }, 3) }).toEqual({ sort, ids: whole });
          expect({ sort, ids: await walk({ sort }, 3, true) }).toEqual({ sort, ids: whole });
        }
      }),
      { numRuns: 10 },
    );
  }, 120_000);
});

describe('the plan of a page by cursor', () => {
  it.each<[string, PageArguments]>([
    ['newest first, after the cursor', { sort: ['-timestamp'], first: 25 }],
    ['newest first, before the cursor', { sort: ['-timestamp'], last: 25 }],
    ['oldest first, after the cursor', { sort: ['timestamp'], first: 25 }],
  ])('the plan of a cursor page starts in the index at the cursor: %s', async (_name, args) => {
    await db.query({ text: 'truncate notifications cascade', values: [] });
    await db.query({
      text: `insert into notifications (uuid, recipient_id, timestamp, subject, created_version, version)
        select gen_random_uuid(), $1, $2::timestamptz - n * interval '1 s', n, n, n from generate_series(1, 5000) n`,
      values: [bob, moment],
    });
    await db.query({ text: 'analyze notifications', values: [] });
    const asked: string[] = [];
    const explaining = {
      ...db,
      async query<Row>(statement: Parameters<typeof db.query>[0]) {
        const { text, values } = statement;
        const plan = await db.query<Record<'QUERY PLAN', string>>({ text: `explain (costs off) ${text}`, values });
        asked.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
        return db.query<Row>(statement);
      },
    } as typeof db;
    const scope = aMemberScope({ collection: notificationsCollection });
    const key = args.sort?.[0]?.startsWith('-') ? '-timestamp,-id' : 'timestamp,id';
    const cursor = encodedAt(key, new Date(Date.parse(moment) - 2_500_000).toISOString());

    await readPage(explaining, scope, ['id'], { ...args, ...(args.last ? { before: cursor } : { after: cursor }) });

    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/Index Cond: .*"timestamp" [<>]=/);
  });

  const encodedAt = (key: string, time: string) => Buffer.from(JSON.stringify([key, time, 1])).toString('base64url');
});
