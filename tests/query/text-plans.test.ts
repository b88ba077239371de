import { beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Sql } from '../../src/database/sql.ts';
import { textsIndex } from '../../src/notifications/indexes.ts';
import { notificationColumns } from '../../src/notifications/model.ts';
import { inboxStatement } from '../../src/notifications/sql/inbox-page.ts';
import { keepIndexes } from '../../src/notifications/texts/keep.ts';
import { findTexts } from '../../src/notifications/texts/sql/find-texts.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { withCandidates } from '../../src/query/candidates.ts';
import { countStatement, type ListArguments, listStatement, type QueryScope } from '../../src/query/list.ts';
import { onTestDatabase } from '../support/database.ts';
import { aMemberScope, aScope, bob, insertPeople, now } from './people.ts';

const { db, url } = await onTestDatabase();
const rows = 40_000;

beforeAll(async () => {
  await insertPeople(db);
  await db.query({ text: 'insert into inboxes (recipient_id) values ($1) on conflict do nothing', values: [bob] });
  // All are bob's, unread and not archived, so a member's inbox has all rows.
  await db.query({
    text: `insert into notifications (uuid, recipient_id, timestamp, subject, message, collection, item, created_version, version)
      select gen_random_uuid(), $1, now() - n * interval '1 s', 'You were mentioned in ticket ' || n,
        'Somebody mentioned you in a comment: "Could you have a look at this before Friday?" ' || md5(n::text),
        'tickets', n::text, n, n
      from generate_series(1, $2::int) n`,
    values: [bob, rows],
  });
  const keeping = keepIndexes({ prisma: servicePrisma(db), url, log: pino({ level: 'silent' }), hasSearchIndex: true });
  await keeping.ready;
  await keeping.stop();
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

const byKey = /notifications_(pkey|recipient_id_id_idx)/;
const request = { owner: bob, maxKeys: 2000, skipsFrequentTexts: true };

function textLookup(term: string, recipient?: string): Sql {
  return findTexts({ ...request, text: term, pattern: `%${term}%`, recipient });
}

/** The scope with the candidates of the text index. */
function withTexts(scope: QueryScope, args: ListArguments): Promise<QueryScope> {
  return withCandidates(db, scope, args);
}

describe.each([
  ['an admin', undefined],
  ['a member', bob],
])('the texts of %s', (_who, recipient) => {
  it('rare texts are found by the text index', async () => {
    expect(await plan(textLookup('ticket 39999', recipient))).toContain(`Bitmap Index Scan on ${textsIndex.name}`);
    expect(await db.query(textLookup('ticket 39999', recipient))).toEqual([{ indexed: [39_999], queued: [] }]);
  });

  it('frequent texts are found in list order', async () => {
    expect(await db.query(textLookup('mentioned', recipient))).toEqual([]);
  });
});

describe.each(scopes)('a search by %s', (_who, scope) => {
  it.each(sorts)('rows with a rare text are read by key, sorted by %j', async (...sort) => {
    const args = { search: 'ticket 39999', sort };
    const text = await plan(listed(await withTexts(scope, args), args));

    expect(text).toMatch(byKey);
    expect(text).not.toContain('Seq Scan');
  });

  it.each(['mentioned', 'qq', 'Ünï'])(
    'texts the index does not support are matched on the rows: %j',
    async (search) => {
      expect((await withTexts(scope, { search })).candidates).toBeUndefined();
    },
  );

  it('a search that may be a key also matches the key', async () => {
    const args = { search: '39999' };
    const text = await plan(listed(await withTexts(scope, args), args));

    expect(text).toMatch(byKey);
    expect(text).not.toContain('Seq Scan');
  });

  it.each([
    { subject: { _icontains: 'TICKET 39999' } },
    { message: { _contains: 'c4ca4238a0b923820dcc509a6f75849b' } },
    { item: { _starts_with: '39999' } },
    { message: { _iends_with: 'C4CA4238A0B923820DCC509A6F75849B' } },
    { _or: [{ subject: { _contains: 'nowhere' } }, { message: { _contains: 'nowhere' } }] },
  ])('the text index serves the filter %j', async (filter) => {
    const known = await withTexts(scope, { filter });

    expect(known.candidates?.size).toBe(1);
    expect(await plan(listed(known, { filter }))).not.toContain('Seq Scan');
  });

  it('rows with a rare text are counted by key', async () => {
    const args = { search: 'nowhere' };

    expect(await plan(countStatement(await withTexts(scope, args), args))).not.toContain('Seq Scan');
  });

  it.each([{ status: { _eq: 'archived' } }, { status: { _in: ['archived'] } }])(
    'a partial index serves archived rows: %j',
    async (filter) => {
      expect(await plan(listed(scope, { filter, sort: ['-timestamp'] }))).toContain('notifications_archived_');
      expect(await plan(listed(scope, { filter }))).toContain('notifications_archived_');
    },
  );
});

describe('the statement of a list', () => {
  const again = (args: ListArguments) => [listed(aScope(), args), listed(aScope(), args)][1];

  it('the statement of a text search is planned for each run', () => {
    expect(again({ search: 'ticket' })?.name).toBeUndefined();
    expect(again({ filter: { subject: { _icontains: 'ticket' } } })?.name).toBeUndefined();
  });

  it('the statement of a list contains the status as a constant', () => {
    const statement = again({ filter: { status: { _eq: 'archived' } } });

    expect(statement?.name).toBeDefined();
    expect(statement?.text).toContain(`"status" = 'archived'`);
    expect(again({ filter: { status: { _eq: 'inbox' } } })?.text).toContain(`"status" = 'inbox'`);
    expect(again({ filter: { status: { _eq: `no' or 1=1` } } })?.text).not.toContain('1=1');
  });
});

describe('an inbox', () => {
  it('an inbox finds read notifications by an index', async () => {
    expect(await plan(inboxStatement(bob, ['id'], { read_status: 'read' }, now))).toContain('notifications_read_idx');
  });

  it('a search in an inbox reads its candidates by key', async () => {
    const statement = inboxStatement(bob, ['id'], { search: 'ticket 39999' }, now, [39_999]);

    expect(await plan(statement)).toMatch(byKey);
  });
});
