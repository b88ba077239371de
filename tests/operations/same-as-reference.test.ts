import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ExecutionResult, execute, parse, validate } from 'graphql';
import { rewriteLeafUsers } from '../../src/operations/leaf-users.ts';
import { createOperations, type Operations } from '../../src/operations/operations.ts';
import { schema } from '../../src/schema/schema.ts';
import { type RandomOperation, randomOperation } from './random/documents.ts';
import { type Recording, recordResolvers, spelled } from './random/recorder.ts';

/** Number of random documents, and of runs of each. */
const documents = 2500;
const runs = 5;

// Each test file loads its own schema, so this one may be modified.
recordResolvers(schema);

/** The result of a run and the calls of its resolvers. */
async function seen(result: Promise<ExecutionResult> | ExecutionResult, { calls }: Recording): Promise<string> {
  const { errors, data } = await result;
  return JSON.stringify({ errors, data, calls });
}

function expected({ text, operationName, variables }: RandomOperation, seed: number, event: unknown) {
  const contextValue: Recording = { seed, calls: [] };
  const document = rewriteLeafUsers(parse(text), schema);
  const options = { maxCoercionErrors: 5 };
  const asked = { schema, document, variableValues: variables, operationName, contextValue, rootValue: event, options };
  return seen(execute(asked), contextValue);
}

function given(operations: Operations, operation: RandomOperation, seed: number, event: unknown) {
  const context: Recording = { seed, calls: [] };
  const document = operations.parse(operation.text);
  const { operationName, variables } = operation;
  return seen(operations.execute(document, operationName, variables, context, event), context);
}

describe('an operation', () => {
  const operations = createOperations(schema, { tokenLimit: 10_000, introspection: true, answerMax: 1_000_000 });

  it('random operations give the same results as graphql-js, also when repeated', async () => {
    let valid = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const operation = randomOperation(schema, seed);
        if (validate(schema, parse(operation.text)).length > 0) return;
        valid += 1;
        const event = operation.kind === 'subscription' ? {} : undefined;
        const wanted = await expected(operation, seed, event);

        const answers = [];
        for (let run = 0; run < runs - 2; run++) answers.push(await given(operations, operation, seed, event));
        // The last two concurrently.
        answers.push(...(await Promise.all([1, 2].map(() => given(operations, operation, seed, event)))));

        const told = `${operation.text}\nvariables ${spelled(operation.variables)}`;
        answers.forEach((answer, run) => {
          expect(`run ${run + 1} of ${told}\n${answer}`).toBe(`run ${run + 1} of ${told}\n${wanted}`);
        });
      }),
      { numRuns: documents, endOnFailure: true },
    );
    // Random documents are nearly always valid.
    expect(valid).toBeGreaterThan(documents * 0.95);
  }, 300_000);
});
