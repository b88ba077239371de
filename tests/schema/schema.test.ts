import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, findBreakingChanges, type GraphQLObjectType, isObjectType } from 'graphql';
import { notificationColumns } from '../../src/notifications/model.ts';
import { printedSchema, schema } from '../../src/schema/schema.ts';

describe('schema.graphql', () => {
  const kept = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');

  it('schema.graphql is what the code prints', () => {
    expect(kept).toBe(printedSchema());
  });

  it('the schema contains the reference schema of notifications without breaking changes', () => {
    const reference = buildSchema(readFileSync(new URL('./reference.graphql', import.meta.url), 'utf8'));

    expect(findBreakingChanges(reference, schema)).toEqual([]);
  });
});

describe('the fields of a notification', () => {
  it('the fields of a notification name existing columns only', () => {
    const type = schema.getType('directus_notifications');
    if (!isObjectType(type)) throw new Error('no such type');
    const named = Object.values((type as GraphQLObjectType).getFields()).flatMap(
      ({ extensions }) => extensions['columns'] ?? [],
    );

    expect(notificationColumns).toEqual(expect.arrayContaining(named));
  });
});
