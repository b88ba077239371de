import { z } from 'zod';
import { type JsonSchema, reference } from '../shared/json-schema.ts';
import {
  type AnswerDescription,
  anybody,
  bearer,
  type Contents,
  json,
  type OperationDescription,
  plain,
  type Tag,
} from '../shared/openapi.ts';
import { Batch, DeleteBody, Keys, PatchBody, SearchBody } from './body.ts';
import { listParameters, rowParameters, writeParameters } from './query-descriptions.ts';
import type { Resource } from './resource.ts';
import { inputSchema, rowSchemas } from './row-schemas.ts';

export const errors: JsonSchema = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message', 'extensions'],
        properties: {
          message: { type: 'string' },
          extensions: {
            type: 'object',
            required: ['code'],
            properties: { code: { type: 'string', description: 'Stable: a program may branch on it.' } },
          },
        },
      },
    },
  },
};

/** Every other response of a route. */
export const failure: AnswerDescription = {
  description: 'The error. A missing row and a row that the caller may not see are both `FORBIDDEN` (403).',
  content: json(reference('directus_errors')),
};
const empty: AnswerDescription = {
  description: 'Done, or the query excludes the written rows from the answer. No body.',
};
const unchanged: AnswerDescription = { description: 'Not modified: the ETag of the answer is in `If-None-Match`.' };
/** The content types of exports. */
const exported: Contents = { ...plain('text/csv'), ...plain('text/xml'), ...plain('text/yaml') };

interface BodyOptions {
  readonly required?: boolean;
  readonly example?: unknown;
}

const bodyOf = (schema: JsonSchema, { required = true, example }: BodyOptions = {}) => ({
  required,
  content: { 'application/json': { schema, ...(example !== undefined && { example }) } },
});

const examples: Readonly<Partial<Record<Tag, { readonly create: object; readonly update: object }>>> = {
  Notifications: {
    create: { recipient: '<id of a user>', subject: 'Your export is ready', message: 'It has **12** pages.' },
    update: { status: 'archived' },
  },
  Users: {
    create: { email: 'alice@example.com', first_name: 'Alice', token: 'a-token-of-16-or-more' },
    update: { language: 'en-GB' },
  },
};

const fromZod = (shape: z.ZodType): JsonSchema => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, { io: 'input' });
  return schema;
};
const anyOf = (...alternatives: JsonSchema[]): JsonSchema => ({ anyOf: alternatives });
const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
const oneSelector = 'Exactly one of `keys` and `query`.';

/** The descriptions of the routes of a collection. */
export function describeRoutes({ stem, collection, type, createInput, updateInput }: Resource, tag: Tag) {
  const one = stem.slice(0, -1);
  const row = reference(collection);
  const [create, update] = [reference(createInput.name), reference(updateInput.name)];
  const schemas = {
    directus_errors: errors,
    ...rowSchemas(type),
    [createInput.name]: inputSchema(createInput),
    [updateInput.name]: inputSchema(updateInput),
  };
  const meta = { type: 'object', additionalProperties: { type: 'integer' } };
  const rows = { type: 'object', required: ['data'], properties: { data: { type: 'array', items: row }, meta } };
  const single = { type: 'object', required: ['data'], properties: { data: row } };
  const read = (schema: JsonSchema, exportedAs: JsonSchema) => ({
    200: {
      description: 'The rows. Aliases and functions add keys. With `export: "json"`, the body is the value of `data`.',
      content: { ...json(anyOf(schema, exportedAs)), ...exported },
    },
    304: unchanged,
  });
  const written = (schema: JsonSchema) => ({
    200: { description: 'The written rows.', content: json(schema) },
    204: empty,
  });
  type Given = Pick<OperationDescription, 'operationId' | 'summary' | 'responses'> & Partial<OperationDescription>;
  const operation = (given: Given): OperationDescription => ({
    tags: [tag],
    security: bearer,
    ...given,
    responses: { ...given.responses, default: failure },
    schemas,
  });
  return {
    list: operation({
      operationId: `list_${stem}`,
      summary: `List ${stem}`,
      parameters: listParameters,
      responses: read(rows, listOf(row)),
    }),
    search: operation({
      operationId: `search_${stem}`,
      summary: `List ${stem} by a query in the body`,
      parameters: listParameters,
      requestBody: bodyOf(fromZod(SearchBody), { required: false, example: { query: { limit: 10 } } }),
      responses: read(rows, listOf(row)),
    }),
    create: operation({
      operationId: `create_${stem}`,
      summary: `Create one ${one}, or all of a list`,
      parameters: writeParameters,
      requestBody: bodyOf(anyOf(create, listOf(create)), { required: false, example: examples[tag]?.create }),
      responses: written(anyOf(single, rows)),
    }),
    updateMany: operation({
      operationId: `update_${stem}`,
      summary: `Change ${stem}, all or none`,
      description: `One change for several rows, selected by exactly one of \`keys\` and \`query\`; or a list of changes, each with its \`id\`.`,
      parameters: writeParameters,
      requestBody: bodyOf(anyOf(withData(fromZod(PatchBody), update), fromZod(Batch)), {
        example: { keys: [], data: examples[tag]?.update },
      }),
      responses: written(rows),
    }),
    deleteMany: operation({
      operationId: `delete_${stem}`,
      summary: `Delete ${stem}, all or none`,
      description: `${oneSelector} A bare list is a list of keys.`,
      requestBody: bodyOf(anyOf(fromZod(DeleteBody), fromZod(Keys)), { example: { keys: [] } }),
      responses: { 204: empty },
    }),
    read: operation({
      operationId: `read_${one}`,
      summary: `Read one ${one}`,
      parameters: rowParameters,
      responses: read(single, { allOf: [row], not: { required: ['data'] } }),
    }),
    update: operation({
      operationId: `update_${one}`,
      summary: `Change one ${one}`,
      parameters: writeParameters,
      requestBody: bodyOf(update, { required: false, example: examples[tag]?.update }),
      responses: written(single),
    }),
    delete: operation({ operationId: `delete_${one}`, summary: `Delete one ${one}`, responses: { 204: empty } }),
    readOwn: operation({
      operationId: 'read_me',
      summary: 'Read the caller’s own user',
      parameters: rowParameters,
      responses: read(single, { allOf: [row], not: { required: ['data'] } }),
    }),
    updateOwn: operation({
      operationId: 'update_me',
      summary: 'Change the caller’s own user',
      parameters: writeParameters,
      requestBody: bodyOf(update, { required: false, example: examples[tag]?.update }),
      responses: written(single),
    }),
  };
}

export type CollectionDescriptions = ReturnType<typeof describeRoutes>;

/** The schema of a body, with its property `data` replaced by the schema of the fields to write. */
function withData(schema: JsonSchema, data: JsonSchema): JsonSchema {
  // In a schema made by Zod, `properties` is always an object.
  return { ...schema, properties: { ...(schema['properties'] as object), data } };
}

const serverRoute = (given: Omit<OperationDescription, 'tags' | 'security'>): OperationDescription => ({
  tags: ['Server'],
  security: anybody,
  ...given,
  responses: { ...given.responses, default: failure },
  schemas: { directus_errors: errors },
});

const info: JsonSchema = {
  type: 'object',
  required: ['data'],
  properties: {
    data: {
      type: 'object',
      required: ['project'],
      properties: {
        project: {
          type: 'object',
          properties: { project_name: { type: 'string' }, default_language: { type: 'string' } },
        },
        queryLimit: {
          type: 'object',
          description: 'Only for callers with a token. -1 in `max` means that there is no limit.',
          properties: { default: { type: 'integer' }, max: { type: 'integer' } },
        },
      },
    },
  },
};

export const serverDescriptions = {
  ping: serverRoute({
    operationId: 'ping',
    summary: 'Answer pong',
    responses: { 200: { description: 'The service responds.', content: plain('text/plain') } },
  }),
  info: serverRoute({
    operationId: 'server_info',
    summary: 'Describe the server',
    responses: { 200: { description: 'Name and limits.', content: json(info) } },
  }),
  graphqlSchema: serverRoute({
    operationId: 'graphql_schema',
    summary: 'Print the GraphQL schema',
    responses: { 200: { description: 'The schema definition language.', content: plain('text/plain') } },
  }),
};
