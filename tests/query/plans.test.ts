import { beforeAll, describe, expect, it } from '@jest/globals';
import { notificationColumns } from '../../src/notifications/model.ts';
import { countStatement, listStatement } from '../../src/query/list.ts';
import { onTestDatabase } from '../support/database.ts';
import { aMemberScope, aScope, insertPeople } from './people.ts';

const { db } = await onTestDatabase();

beforeAll(async () => {
  await insertPeople(db);
  await db.query({
    text: `insert into users (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, 200) n`,
    values: [],
  });
  await db.query({
    text: 'insert into inboxes (recipient_id) select id from users on conflict do nothing',
    values: [],
  });
  await db.query({
    text: `insert into notifications (uuid, recipient_id, timestamp, subject, created_version, version)
      select gen_random_uuid(), people[1 + n % 203], now() - n * interval '1 s', n, n, n
      from generate_series(1, 20000) n, (select array_agg(id order by id) as people from users) p`,
    values: [],
  });
  await db.query({ text: 'analyze', values: [] });
});

async function plan(statement: ReturnType<typeof listStatement>): Promise<string> {
  const { text, values } = statement;
  const rows = await db.query<Record<'QUERY PLAN', string>>({ text: `explain (costs off) ${text}`, values });
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('the plan of a list', () => {
  it.each([
    ['by default, for an admin', aScope(), [], 'Index Scan using notifications_pkey'],
    ['newest key first, for an admin', aScope(), ['-id'], 'Index Scan Backward using notifications_pkey'],
    ['newest first, for an admin', aScope(), ['-timestamp'], 'Index Scan Backward using notifications_timestamp_idx'],
    ['oldest first, for an admin', aScope(), ['timestamp'], 'Index Scan using notifications_timestamp_idx'],
    ['by default, for a member', aMemberScope(), [], 'Index Scan using notifications_recipient_id_id_idx'],
    ['newest key first, for a member', aMemberScope(), ['-id'], 'Backward using notifications_recipient_id_id_idx'],
    [
      'newest first, for a member',
      aMemberScope(),
      ['-timestamp'],
      'Backward using notifications_recipient_id_timestamp',
    ],
    [
      'oldest first, for a member',
      aMemberScope(),
      ['timestamp'],
      'Index Scan using notifications_recipient_id_timestamp',
    ],
  ])('the plan of a list reads an index in order: %s', async (_name, scope, sort, index) => {
    const text = await plan(listStatement(scope, notificationColumns, { sort, limit: 25 }));

    expect(text).toContain(index);
    // Only rows with equal times, which the index does not order, may be sorted.
    expect(text).not.toMatch(/(?<!Incremental )\bSort\b(?! Key| Group)/);
  });

  it('the plan of a list with a condition on a related row starts from that row', async () => {
    const filter = { recipient: { email: { _eq: 'nobody@example.com' } } };

    expect(await plan(countStatement(aScope(), { filter }))).not.toContain('Left Join');
  });
});
