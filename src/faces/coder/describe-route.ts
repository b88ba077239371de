import { type GraphQLSchema, parse } from 'graphql';
import { z } from 'zod';
import { keyParameter } from '../shared/answer-once.ts';
import { type JsonSchema, nullable, objectOf, reference, selectedSchemas } from '../shared/json-schema.ts';
import {
  type AnswerDescription,
  type Contents,
  json,
  type OperationDescription,
  plain,
  session,
} from '../shared/openapi.ts';
import type { QueryReader } from './query.ts';
import type { Route } from './route.ts';
import { WatchQuery } from './watch.ts';

const errorObject: JsonSchema = {
  type: 'object',
  required: ['message'],
  properties: {
    message: { type: 'string' },
    detail: { type: 'string' },
    validations: { type: 'array', items: objectOf({ field: { type: 'string' }, detail: { type: 'string' } }) },
  },
};

const failure: AnswerDescription = {
  description: 'The error.',
  content: { ...json(reference('coder_error')), ...plain('text/plain') },
};

const schemas = { coder_error: errorObject };

const meanings = {
  204: 'Done. No body.',
  304: 'Nothing was changed, because the same values are already stored. No body.',
} as const;

/** Describes a route for the API reference. */
export function describeRoute(route: Route<unknown>, schema: GraphQLSchema): OperationDescription {
  const { method, path, summary, tag, body, answers } = route;
  const answered = route.answer?.(selectedSchemas(schema, parse(route.document)));
  const answer = (status: (typeof answers)[number]): AnswerDescription =>
    status === 200 ? { description: 'The answer.', content: json(answered ?? {}) } : { description: meanings[status] };
  return {
    operationId: operationIdOf(method, path),
    summary,
    tags: [tag],
    security: session,
    ...parametersFor(route),
    ...(body && { requestBody: { required: true, content: bodyContent(body) } }),
    responses: { ...Object.fromEntries(answers.map((status) => [status, answer(status)])), default: failure },
    schemas,
  };
}

/** Describes a route that always answers 404. */
export function describeRefusal(method: string, path: string, why: string): OperationDescription {
  return {
    operationId: operationIdOf(method, path),
    summary: `${why}: always 404`,
    tags: ['Messages'],
    security: session,
    responses: { default: failure },
    schemas,
  };
}

/** Describes the watch socket for the API reference. */
export function describeWatch(path: string): OperationDescription {
  return {
    operationId: operationIdOf('GET', path),
    summary: 'Watch the caller’s inbox: a WebSocket that is sent new notifications',
    description: 'Each message is JSON: a `notification` as in the list, and `unread_count`.',
    tags: ['Inbox'],
    security: session,
    parameters: parametersOf(WatchQuery),
    responses: { 101: { description: 'The socket is open.' }, default: failure },
    schemas,
  };
}

/** Routes that write take an idempotency key. */
function parametersFor({ method, query }: Route<unknown>): Pick<OperationDescription, 'parameters'> {
  const parameters = [...(query ? parametersOf(query) : []), ...(method === 'GET' ? [] : [keyParameter])];
  return parameters.length > 0 ? { parameters } : {};
}

function parametersOf({ parameters }: QueryReader<object>) {
  return [...parameters].map(([name, { schema }]) => {
    const list = schema['type'] === 'array' ? ({ style: 'form', explode: false } as const) : {};
    return { name, in: 'query' as const, schema, ...list };
  });
}

function bodyContent(body: z.ZodType): Contents {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { io: 'input' });
  return { 'application/json': { schema: nullable(schema), example: sampleOf(schema) } };
}

/** Creates an example value of the schema. */
function sampleOf({ properties, anyOf, type }: JsonSchema): unknown {
  // In Zod's output, `anyOf` and `properties` contain schemas.
  const [first] = (anyOf ?? []) as readonly JsonSchema[];
  if (first) return sampleOf(first);
  if (properties) {
    const entries = Object.entries(properties as Readonly<Record<string, JsonSchema>>);
    return Object.fromEntries(entries.map(([name, property]) => [name, sampleOf(property)]));
  }
  const [name] = [type].flat();
  return name === 'boolean' ? true : name === 'object' ? {} : 'text';
}

/** For example `put_notifications_settings`. */
function operationIdOf(method: string, path: string): string {
  return [method.toLowerCase(), ...path.split('/')].join('_').replace(/[:_-]+/g, '_');
}
