import { beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Sql } from '../../src/database/database.ts';
import { startOnlineIndexes } from '../../src/database/online-indexes.ts';
import { inboxStatement } from '../../src/notifications/inbox.ts';
import { notificationIndexes } from '../../src/notifications/indexes.ts';
import { notificationColumns } from '../../src/notifications/model.ts';
import { countStatement, type ListArguments, listStatement, type QueryScope } from '../../src/query/list.ts';
import { onTestDatabase } from '../support/database.ts';
import { aMemberScope, aScope, bob, insertPeople, now } from './people.ts';

const { db, url } = await onTestDatabase();
const rows = 40_000;
const searchIndex = 'notifications_search_idx';

beforeAll(async () => {
  await insertPeople(db);
  await db.query({ text: 'insert into inboxes (recipient_id) values ($1) on conflict do nothing', values: [bob] });
  // All of them bob's, unread and not archived: a member's inbox is as large as all.
  await db.query({
    text: `insert into notifications (uuid, recipient_id, timestamp, subject, message, collection, item, created_version, version)
      select gen_random_uuid(), $1, now() - n * interval '1 s', 'You were mentioned in ticket ' || n,
        'Somebody mentioned you in a comment: "Could you have a look at this before Friday?" ' || md5(n::text),
        'tickets', n::text, n, n
      from generate_series(1, $2::int) n`,
    values: [bob, rows],
  });
  const log = pino({ level: 'silent' });
  await startOnlineIndexes({ url, log, indexes: notificationIndexes(true).wanted }).done;
  await db.query({ text: 'analyze', values: [] });
}, 60_000);

async function plan({ text, values }: Sql): Promise<string> {
  const lines = await db.query<Record<'QUERY PLAN', string>>({ text: `explain (costs off) ${text}`, values });
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}

function listed(scope: QueryScope, args: ListArguments): Sql {
  return listStatement(scope, notificationColumns, { limit: 25, ...args });
}

const scopes = [
  ['an admin', aScope()],
  ['a member', aMemberScope()],
] as const;
const sorts = [[], ['-id'], ['-timestamp'], ['timestamp']];

describe.each(scopes)('what %s looks for', (_who, scope) => {
  it.each(sorts)('is found in the index of texts when it is rare, sorted by %j', async (...sort) => {
    const text = await plan(listed(scope, { search: 'ticket 39999', sort }));

    expect(text).toContain(`Bitmap Index Scan on ${searchIndex}`);
    expect(text).not.toContain('Seq Scan');
  });

  it.each(sorts)('is met in the order of the list when it is frequent, sorted by %j', async (...sort) => {
    expect(await plan(listed(scope, { search: 'mentioned', sort }))).not.toContain(searchIndex);
  });

  it('is looked for in the rows when it is too short for the index', async () => {
    expect(await plan(listed(scope, { search: 'qq' }))).not.toContain(searchIndex);
  });

  it('may be a key as well, which is found beside the texts', async () => {
    const text = await plan(listed(scope, { search: '39999' }));

    expect(text).toContain('BitmapOr');
    expect(text).toContain(`Bitmap Index Scan on ${searchIndex}`);
    expect(text).toMatch(/Bitmap Index Scan on notifications_(pkey|recipient_id_id_idx)/);
  });

  it.each([
    { subject: { _icontains: 'TICKET 39999' } },
    { message: { _contains: 'c4ca4238a0b923820dcc509a6f75849b' } },
    { item: { _starts_with: '39999' } },
    { message: { _iends_with: 'C4CA4238A0B923820DCC509A6F75849B' } },
    { _or: [{ subject: { _contains: 'nowhere' } }, { message: { _contains: 'nowhere' } }] },
  ])('is found in the index by the filter %j', async (filter) => {
    expect(await plan(listed(scope, { filter }))).toContain(`Bitmap Index Scan on ${searchIndex}`);
  });

  it('is counted by the index', async () => {
    expect(await plan(countStatement(scope, { search: 'nowhere' }))).toContain(searchIndex);
  });

  it.each([{ status: { _eq: 'archived' } }, { status: { _in: ['archived'] } }])('is archived: %j', async (filter) => {
    expect(await plan(listed(scope, { filter, sort: ['-timestamp'] }))).toContain('notifications_archived_');
    expect(await plan(listed(scope, { filter }))).toContain('notifications_archived_');
  });
});

describe('the statement of a list', () => {
  const again = (args: ListArguments) => [listed(aScope(), args), listed(aScope(), args)][1];

  it('is planned for each text that is looked for, as one plan for all would take them for frequent', () => {
    expect(again({ search: 'ticket' })?.name).toBeUndefined();
    expect(again({ filter: { subject: { _icontains: 'ticket' } } })?.name).toBeUndefined();
  });

  it('has the status written into it, so that one plan for all knows the index', () => {
    const statement = again({ filter: { status: { _eq: 'archived' } } });

    expect(statement?.name).toBeDefined();
    expect(statement?.text).toContain(`"status" = 'archived'`);
    expect(again({ filter: { status: { _eq: 'inbox' } } })?.text).toContain(`"status" = 'inbox'`);
    expect(again({ filter: { status: { _eq: `no' or 1=1` } } })?.text).not.toContain('1=1');
  });
});

describe('an inbox', () => {
  it('finds what is read by an index, however much is unread', async () => {
    expect(await plan(inboxStatement(bob, ['id'], { read_status: 'read' }, now))).toContain('notifications_read_idx');
  });

  it('finds what is looked for in the index of texts', async () => {
    expect(await plan(inboxStatement(bob, ['id'], { search: 'ticket 39999' }, now))).toContain(searchIndex);
  });
});
