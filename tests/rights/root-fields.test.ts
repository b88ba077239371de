import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import { askGraphQL, callerNames, createWorld, viewerOf, type World } from './callers.ts';
import { mutationRows } from './mutation-rows.ts';
import { queryRows } from './query-rows.ts';
import { expectedOf, isAllowed, subjectOf } from './row.ts';

const rows = { ...queryRows, ...mutationRows };

describe('the rights of root fields', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  it('every root field has a row: to add one, describe it in query-rows.ts or mutation-rows.ts', () => {
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    );

    expect([...new Set(Object.keys(rows).map(subjectOf))].sort()).toEqual(fields.sort());
  });

  it.each(Object.entries(rows))('%s: callers are answered as its row and the matrix say', async (_key, row) => {
    const { action, request } = row;
    const observed: Record<string, string> = {};
    for (const caller of world.callers) {
      observed[caller.name] = await askGraphQL(world, caller, await request(world, caller));
    }

    expect(observed).toEqual(expectedOf(callerNames, row));
    if (action === 'public') return;
    const allowed = callerNames.filter((name) => isAllowed(viewerOf(name), action));
    expect(callerNames.filter((name) => observed[name] === 'allowed')).toEqual(allowed);
  });
});
