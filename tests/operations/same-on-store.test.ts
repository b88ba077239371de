import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { execute, type GraphQLError, parse, validate } from 'graphql';
import { createNotifications } from '../../src/notifications/write.ts';
import { rewriteLeafUsers } from '../../src/operations/leaf-users.ts';
import { schema } from '../../src/schema/schema.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';
import { randomOperation } from './random/documents.ts';

const documents = 150;
const runs = 3;

type Located = Pick<GraphQLError, 'path'>;

/**
 * The paths of the fields that are null because of an error. Messages are not compared, because the service presents
 * errors in its own words. Concurrent statements finish in any order, so the field whose error makes the object above
 * it null differs from run to run. The order and number of errors are compared in `same-as-reference.test.ts`, where
 * resolvers finish in a fixed order.
 */
const nulledBy = (data: unknown, errors: readonly Located[]) =>
  [...new Set(errors.map(({ path = [] }) => JSON.stringify(nullOn(data, path))))].sort();

/** The beginning of the path, up to the first null. */
function nullOn(data: unknown, path: readonly (string | number)[]): readonly (string | number)[] {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, depth);
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return path;
}

describe('a query of the service', () => {
  const app = useTestApp();

  it('queries on the store give the same results as graphql-js with the same resolvers', async () => {
    const { admin, alice, bob } = app().people;
    await createNotifications(
      app().contextOf(admin),
      ['one', 'two', 'three'].map((subject) => ({ recipient: alice.id, sender: bob.id, subject, message: '*m*' })),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { kind, text, variables, operationName } = randomOperation(schema, seed);
        if (kind !== 'query' || operationName !== undefined || validate(schema, parse(text)).length > 0) return;
        const document = rewriteLeafUsers(parse(text), schema);
        const contextValue = app().contextOf(alice);
        const { data, errors = [] } = await execute({ schema, document, variableValues: variables, contextValue });
        const nulled = nulledBy(data, errors);

        for (let run = 0; run < runs; run++) {
          const { body } = await graphql(app(), alice, text, variables);

          const told = JSON.stringify([body.data, nulledBy(body.data, body.errors ?? [])]);
          expect(`${text}\n${told}`).toBe(`${text}\n${JSON.stringify([data, nulled])}`);
        }
      }),
      { numRuns: documents, endOnFailure: true },
    );
  }, 120_000);
});
