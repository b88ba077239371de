import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import type { RequestExecutor } from '../../../src/faces/graphql/execute-request.ts';
import { createPersistedQueries } from '../../../src/faces/graphql/persisted-queries.ts';
import { createPlainRequests } from '../../../src/faces/graphql/plain-requests.ts';
import { createOperations } from '../../../src/operations/operations.ts';
import type { GraphQLContext } from '../../../src/schema/context.ts';

const path = '/graphql';
const schema = buildSchema('type Query { a: Int } type Mutation { a: Int } type Subscription { a: Int }');
const operations = createOperations(schema, { tokenLimit: 100, introspection: true, answerMax: 1000 });
const type = 'application/json; charset=utf-8';

/** Plain requests whose operations have this result. */
function answering(result: () => ReturnType<RequestExecutor['execute']>) {
  let executed = 0;
  const execute = () => {
    executed += 1;
    return result();
  };
  const executor = { execute, wrote: () => false };
  const plain = createPlainRequests({ path, operations, persisted: createPersistedQueries({ operations }), executor });
  const ask = async (body: unknown, more: object = {}, headers: object = {}) => {
    const request = {
      method: 'POST',
      url: path,
      body,
      ...more,
      headers: { 'content-type': 'application/json', ...headers },
    };
    const context = {} as GraphQLContext;
    const answer = await plain.answer(request, context);
    if (answer === undefined) plain.learn(request, context, type);
    return answer;
  };
  return { ask, executed: () => executed };
}

const succeeding = () => answering(() => ({ data: { a: 1 } }));
const answered = { contentType: type, text: '{"data":{"a":1}}' };
const query = '{ a }';

describe('a plain request', () => {
  it('is answered without Yoga from the second request with the same "Accept" on', async () => {
    const { ask } = succeeding();

    expect(await ask({ query })).toBeUndefined();
    expect(await ask({ query, variables: null, operationName: null, extensions: {}, other: 1 })).toEqual(answered);
    expect(await ask({ query: 'mutation { a }' })).toEqual(answered);
    expect(await ask({ query }, {}, { accept: '*/*' })).toBeUndefined();
    expect(await ask({ query }, {}, { accept: '*/*' })).toEqual(answered);
  });

  it.each<readonly [string, { readonly body?: unknown; readonly more?: object; readonly headers?: object }]>([
    ['a query string', { more: { url: `${path}?` } }],
    ['another method', { more: { method: 'GET' } }],
    ['another content type', { headers: { 'content-type': 'application/graphql+json' } }],
    ['a body that is no object', { body: [{ query }] }],
    ['no document', { body: {} }],
    ['a syntax error', { body: { query: '{ a' } }],
    ['an unknown field', { body: { query: '{ b }' } }],
    ['a subscription', { body: { query: 'subscription { a }' } }],
    ['an unknown operation', { body: { query, operationName: 'B' } }],
    ['variables that are no object', { body: { query, variables: [] } }],
    ['extensions that are no object', { body: { query, extensions: 'text' } }],
    ['an operation name that is no text', { body: { query, operationName: 1 } }],
  ])('is not one with %s', async (_case, { body = { query }, more, headers }) => {
    const { ask, executed } = succeeding();
    await ask({ query });

    expect(await ask(body, more, headers)).toBeUndefined();
    expect(executed()).toBe(1);
  });

  it.each<[string, () => ReturnType<RequestExecutor['execute']>]>([
    ['has an error', () => ({ data: { a: null }, errors: [] })],
    ['throws', () => Promise.reject(new Error('unexpected'))],
  ])('is left to Yoga if its operation %s', async (_case, result) => {
    let isFirst = true;
    const { ask } = answering(() => {
      const executed = isFirst ? { data: { a: 1 } } : result();
      isFirst = false;
      return executed;
    });
    await ask({ query });

    expect(await ask({ query })).toBeUndefined();
  });
});
