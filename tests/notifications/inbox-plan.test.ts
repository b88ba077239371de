import { beforeAll, describe, expect, it } from '@jest/globals';
import { notificationColumns } from '../../src/notifications/model.ts';
import { type InboxArguments, inboxStatement } from '../../src/notifications/sql/inbox-page.ts';
import { onTestDatabase } from '../support/database.ts';
import { aUser } from './people.ts';

const { db } = await onTestDatabase();
let recipient = '';

beforeAll(async () => {
  recipient = await aUser(db);
  await db.query({
    text: `insert into users (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, 20) n`,
    values: [],
  });
  await db.query({ text: 'insert into inboxes (recipient_id) select id from users', values: [] });
  // One large inbox among small ones, with future and missing timestamps.
  await db.query({
    text: `insert into notifications (id, uuid, recipient_id, timestamp, subject, created_version, version)
      select n, gen_random_uuid(), case when n % 2 = 0 then $1::uuid else others[1 + n % 19] end,
             case when n % 1000 > 1 then now() - (n - 100) * interval '1 s' end, n, n, n
      from generate_series(1, 10000) n, (select array_agg(id) as others from users where id <> $1::uuid) o`,
    values: [recipient],
  });
  await db.query({ text: 'analyze', values: [] });
});

/** The plan for these values, with row counts. */
function planFor(args: InboxArguments) {
  const { text, values } = inboxStatement(recipient, notificationColumns, args, new Date());
  return db.query<PlanRow>({ text: `explain (analyze, timing off) ${text}`, values });
}

/** The plan for any values, which PostgreSQL may choose for a prepared statement, with row counts for these values. */
function genericPlanFor(args: InboxArguments) {
  const { text, values } = inboxStatement(recipient, notificationColumns, args, new Date());
  return db.transaction(async ({ query }) => {
    await query({ text: 'set local plan_cache_mode = force_generic_plan', values: [] });
    await query({ text: `prepare page as ${text}`, values: [] });
    const literals = values.map((value) => `'${value}'`).join(', ');
    const rows = await query<PlanRow>({ text: `explain (analyze, timing off) execute page(${literals})`, values: [] });
    await query({ text: 'deallocate page', values: [] });
    return rows;
  });
}

interface PlanRow {
  readonly 'QUERY PLAN': string;
}

/** The steps of a plan that read notifications, with their row counts. */
function readsOf(rows: readonly PlanRow[]) {
  return rows
    .map((row) => /Scan.* on notifications n.*actual rows=([\d.]+)/.exec(row['QUERY PLAN']))
    .filter((match) => match !== null)
    .map(([step, count]) => ({ isByIndex: /^Scan (Backward )?using/.test(step), count: Number(count) }));
}

describe('the plan of an inbox', () => {
  it.each<[string, InboxArguments]>([
    ['its first page', {}],
    ['its first page until now', { until_now: true }],
    ['a later page', { starting_before: '5002' }],
    ['a later page until now', { starting_before: '5002', until_now: true }],
    ['its first page for a cursor that is unknown', { starting_before: '99999', until_now: true }],
  ])('the plan of an inbox reads no more than a page for %s', async (_name, args) => {
    for (const plan of [await planFor(args), await genericPlanFor(args)]) {
      const reads = readsOf(plan);

      expect(reads).toHaveLength(2);
      expect(reads.filter(({ isByIndex }) => !isByIndex)).toEqual([]);
      // One more row shows where a group of equal timestamps ends.
      for (const { count } of reads) expect(count).toBeLessThanOrEqual(30);
    }
  });
});

describe('the statement of an inbox', () => {
  const again = (args: InboxArguments) =>
    [1, 2].map(() => inboxStatement(recipient, ['id', 'subject'], args, new Date()))[1];

  it('is prepared when it is repeated', () => {
    expect(again({})?.name).toBeDefined();
    expect(again({ starting_before: '7', until_now: true })?.name).toBeDefined();
    expect(again({ filter: { saved: true, not: { read: true } } })?.name).toBeDefined();
  });

  it('is planned for each run if its plan depends on the values of a filter', () => {
    const id = '0190c7a4-0000-7000-8000-000000000001';
    expect(again({ search: 'ticket' })?.name).toBeUndefined();
    expect(again({ filter: { not: { categories: ['news'] } } })?.name).toBeUndefined();
    expect(again({ targets: [id] })?.name).toBeUndefined();
  });
});
