import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, getVariableValues, parse, validate } from 'graphql';
import type { FieldAccess } from '../../../src/auth/rights.ts';
import type { Caller } from '../../../src/faces/directus/caller.ts';
import { prepareItem, prepareKeyed, prepareList, prepareOwn } from '../../../src/faces/directus/reads.ts';
import { documentOf } from '../../../src/faces/directus/realtime/plan.ts';
import type { Resource } from '../../../src/faces/directus/resource.ts';
import {
  createMany,
  createOne,
  deleteMany,
  deleteOne,
  updateMany,
  updateOne,
  updateOwn,
} from '../../../src/faces/directus/writes.ts';
import type { Operation } from '../../../src/operations/operations.ts';
import { limits, notifications, queryOf, users } from './support/resources.ts';

const published = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'));
const id = '0193e5a0-0000-7000-8000-000000000000';
const narrowing = 'filter={"id":{"_nnull":true}}&search=x&sort=-id';

/** A caller that collects its operations instead of running them; each returns the same row. */
function collectingCaller(
  resource: Resource,
  role: FieldAccess,
): { readonly caller: Caller; readonly operations: Operation[] } {
  const operations: Operation[] = [];
  const run = async (operation: Operation) => {
    operations.push(operation);
    return { data: { id: '1' } };
  };
  return { caller: { resource, limits, role, run }, operations };
}

function expectToMatchTheSchema(operations: readonly Operation[]): void {
  for (const { document, variables } of operations) {
    const parsed = parse(document);
    expect({ document, faults: validate(published, parsed) }).toEqual({ document, faults: [] });
    const definitions = getOperationAST(parsed)?.variableDefinitions ?? [];
    expect(getVariableValues(published, definitions, variables)).not.toHaveProperty('errors');
  }
}

const reads: readonly (readonly [string, Resource, string])[] = [
  ['every field', notifications, ''],
  ['every field, with related rows', notifications, 'fields=*.*'],
  ['every argument', notifications, `${narrowing}&limit=1&offset=1&page=1&meta=*`],
  ['functions', notifications, 'fields=year(timestamp),second(timestamp)&filter={"week(timestamp)":{"_in":"1,2"}}'],
  [
    'deep parameters',
    notifications,
    'fields=recipient.*,to.id&alias[to]=recipient&deep={"recipient":{"_filter":{"email":"x"},"_sort":"id","_limit":1,"_offset":0,"_page":1,"_search":"x"},"to":{"_filter":{"id":"x"}}}',
  ],
  ['groups', notifications, `aggregate[count]=*&groupBy=status,year(timestamp)&meta=filter_count&${narrowing}`],
  ['users', users, ''],
  ['every argument of users', users, `${narrowing}&limit=1&offset=1&page=1`],
];

describe('documents', () => {
  it.each(reads)('the documents that read %s are valid against the published schema', (_what, resource, text) => {
    for (const role of ['admin', 'member'] as const) {
      const query = queryOf(text);
      const scope = { role, limits };
      expectToMatchTheSchema([
        prepareList(resource, query, scope).operation,
        prepareList(resource, query, scope, ['1', '2']).operation,
        prepareList(resource, query, scope, []).operation,
        prepareItem(resource, query, scope, '1').operation,
        ...(query.aggregate ? [] : [prepareKeyed(resource, query, scope, ['1']).operation]),
      ]);
    }
  });

  it.each([
    ['notifications', notifications, { subject: 'x', recipient: id, id: 5 }],
    ['users', users, { email: 'x@example.com', email_notifications: true }],
  ] as const)('the documents that write %s are valid against the published schema', async (_what, resource, item) => {
    const { caller, operations } = collectingCaller(resource, 'admin');
    const query = { filter: { id: { _nnull: true } } };

    for (const text of ['', 'fields=id', `${narrowing}&limit=1`]) {
      const shown = queryOf(text);
      await createOne(caller, item, shown);
      await createMany(caller, [item, item], shown);
      await updateOne(caller, '1', item, shown);
      await updateMany(caller, { kind: 'batch', items: [{ ...item, id: 1 }] }, shown);
      await updateMany(caller, { kind: 'same', keys: ['1'], data: item }, shown);
      await updateMany(caller, { kind: 'same', query, data: item }, shown);
    }
    await deleteOne(caller, '1');
    await deleteMany(caller, { keys: ['1', 2] });
    await deleteMany(caller, { query });

    expect(operations.length).toBeGreaterThan(20);
    expectToMatchTheSchema(operations);
  });

  it('the documents of /users/me are valid against the published schema', async () => {
    const { caller, operations } = collectingCaller(users, 'member');

    await updateOwn(caller, { language: 'en' }, queryOf('fields=id'));

    expectToMatchTheSchema([...operations, prepareOwn(users, queryOf(''), caller).operation]);
  });

  it.each(['create', undefined])(
    'the document of a subscription is valid against the published schema: %s',
    (event) => {
      const { collection } = notifications;

      expectToMatchTheSchema([{ document: documentOf(collection), variables: { event } }]);
    },
  );

  it('requests that differ only in values have the same document', () => {
    const scope = { role: 'admin', limits } as const;
    const texts = ['filter={"id":1}&limit=5&offset=5&search=5', 'filter={"subject":"x"}&limit=7&offset=8&search=9'].map(
      (text) => prepareList(notifications, queryOf(text), scope).operation.document,
    );

    expect(new Set(texts).size).toBe(1);
  });
});
