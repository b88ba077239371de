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

/**
 * Paths of errors only: messages are the presenter's. Concurrent statements finish in any order, so the order is
 * compared in the other test, whose resolvers have a fixed one.
 */
const placesOf = (errors: readonly Pick<GraphQLError, 'path' | 'locations'>[]) =>
  errors.map(({ path, locations }) => JSON.stringify({ path, locations })).sort();

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
        const places = placesOf(errors);

        for (let run = 0; run < runs; run++) {
          const { body } = await graphql(app(), alice, text, variables);

          const told = JSON.stringify([body.data, placesOf(body.errors ?? [])]);
          expect(`${text}\n${told}`).toBe(`${text}\n${JSON.stringify([data, places])}`);
        }
      }),
      { numRuns: documents, endOnFailure: true },
    );
  }, 120_000);
});
