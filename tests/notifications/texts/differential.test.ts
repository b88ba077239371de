import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withCandidates } from '../../../src/query/candidates.ts';
import { countStatement, keysStatement, type ListArguments, type QueryScope } from '../../../src/query/list.ts';
import { aMemberScope, aRow, aScope, insertPeople, replaceRows } from '../../query/people.ts';
import { onTestDatabase } from '../../support/database.ts';
import { copyAll, indexTexts } from './support.ts';

const { db, url } = await onTestDatabase();

beforeAll(async () => {
  await insertPeople(db);
  await indexTexts(db, url);
});

// Words, parts of words, wildcards, and characters with special case or index rules.
const pieces = [
  'abc',
  'ABC',
  'bcd',
  'ab',
  'cde',
  ' ',
  '\n',
  '-',
  '%',
  '_',
  '\\',
  '1',
  '234',
  'é',
  'Ünï',
  'İ',
  'ß',
  'ΣΑΣ',
];
const words = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const maybe = fc.option(words, { freq: 3 });
const status = fc.constantFrom('inbox', 'archived');
const rows = fc
  .array(fc.record({ status, subject: words, message: maybe, collection: maybe, item: maybe }), { maxLength: 12 })
  .map((list) => list.map((row, index) => aRow({ ...row, id: index + 1 })));

const operators = ['_contains', '_icontains', '_starts_with', '_iends_with', '_ncontains'];
const condition = fc
  .tuple(fc.constantFrom('subject', 'message', 'collection', 'item', 'status'), fc.constantFrom(...operators), words)
  .map(([field, operator, value]) => ({ [field]: { [operator]: value } }));
const filter = fc.oneof(
  condition,
  fc.array(condition, { minLength: 2, maxLength: 3 }).map((list) => ({ _or: list })),
  fc.array(condition, { minLength: 2, maxLength: 2 }).map((list) => ({ _and: list })),
);
const search = fc.oneof(words, fc.constantFrom('inb', 'ARCH', '1', '12'));
const args: fc.Arbitrary<ListArguments> = fc.oneof(
  search.map((term) => ({ search: term })),
  filter.map((each) => ({ filter: each })),
  fc.record({ search, filter }),
);

async function answers(scope: QueryScope, given: ListArguments, kind: 'list' | 'aggregate') {
  const statement = kind === 'list' ? keysStatement(scope, given) : countStatement(scope, given);
  return db.query(statement);
}

/** Checks that searches with the index find the same as a scan. */
async function expectTheSame(lists: readonly ListArguments[]): Promise<void> {
  for (const scope of [aScope(), aMemberScope()]) {
    for (const given of lists) {
      for (const kind of ['list', 'aggregate'] as const) {
        const helped = await answers(await withCandidates(db, scope, given, kind), given, kind);
        expect({ given, kind, rows: helped }).toEqual({ given, kind, rows: await answers(scope, given, kind) });
      }
    }
  }
}

describe('the index of texts', () => {
  it('searches with the text index find exactly the matching rows, copied, queued or older', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.array(args, { minLength: 15, maxLength: 15 }), async (before, after, lists) => {
        await replaceRows(db, before);
        await copyAll(db);
        await expectTheSame(lists);
        // The new rows are only queued; the copied texts are those of earlier rows with the same keys.
        await replaceRows(db, after);
        await expectTheSame(lists);
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
