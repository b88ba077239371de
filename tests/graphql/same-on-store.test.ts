import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { execute, parse, validate } from 'graphql';
import { rewriteLeafUsers } from '../../src/graphql/leaf-users.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';
import { randomOperation } from './random/documents.ts';

const documents = 150;
const runs = 3;

describe('a query of the service', () => {
  const app = useTestApp();

  it('answers what the reference implementation makes of the same resolvers', async () => {
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
        // How errors are worded is the presenter's; where they are is the executor's.
        const places = errors.map(({ path, locations }) => ({ path, locations }));

        for (let run = 0; run < runs; run++) {
          const { body } = await graphql(app(), alice, text, variables);

          const told = (body.errors ?? []).map(({ path, locations }: (typeof errors)[number]) => ({ path, locations }));
          expect(`${text}\n${JSON.stringify([body.data, told])}`).toBe(`${text}\n${JSON.stringify([data, places])}`);
        }
      }),
      { numRuns: documents, endOnFailure: true },
    );
  }, 120_000);
});
