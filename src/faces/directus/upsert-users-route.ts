import type { FastifyInstance } from 'fastify';
import { type GraphQLInputObjectType, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { invalidPayload, invalidQuery, ServiceError } from '../../errors.ts';
import { type JsonSchema, reference } from '../shared/json-schema.ts';
import { bearer, json, type OperationDescription } from '../shared/openapi.ts';
import { documentedWrite } from './answer-write.ts';
import type { Caller } from './caller.ts';
import type { Collection } from './collection-routes.ts';
import { failure } from './describe-routes.ts';
import { writeOperation } from './documents.ts';
import { toGraphQLInput } from './payload.ts';
import { rowsOf } from './reads.ts';
import type { Resource } from './resource.ts';
import { inputSchema, rowSchemas } from './row-schemas.ts';

/** Registers `PUT` of a list of users: creates or updates them by their external id or e-mail address. */
export function registerUpsertUsers(app: FastifyInstance, path: string, { resource, answerWrite }: Collection): void {
  const upsert = describeUpsert(resource);
  app.put(path, documentedWrite(upsert.description), (request, reply) =>
    answerWrite(request, reply, async (caller) => {
      const isPartial = readFlag(request.query);
      return upsertUsers(caller, upsert, request.body, isPartial);
    }),
  );
}

type Upsert = ReturnType<typeof describeUpsert>;

function describeUpsert({ rootField }: Resource) {
  const field = rootField('upsert_users');
  const input = getNamedType(field.args.find(({ name }) => name === 'data')?.type);
  const result = getNamedType(field.type);
  if (!isInputObjectType(input) || !isObjectType(result)) throw new Error('"upsert_users" has other types.');
  return {
    field,
    input,
    selection: Object.keys(result.getFields()).join(' '),
    description: descriptionOf(input, rowSchemas(result), result.name),
  };
}

function descriptionOf(
  input: GraphQLInputObjectType,
  results: Readonly<Record<string, JsonSchema>>,
  result: string,
): OperationDescription {
  const data = { type: 'array', items: reference(result) };
  return {
    tags: ['Users'],
    security: bearer,
    operationId: 'upsert_users',
    summary: 'Create or update users by external id or e-mail address',
    description:
      'The body is a list. A user is found by `external_id`, else by `email`. Fields that are not given keep their values. An entry that is refused refuses the whole list, unless `partial=true`.',
    parameters: [
      {
        name: 'partial',
        in: 'query',
        description: 'Whether to store the other entries when one is refused.',
        schema: { enum: ['true', 'false'], default: 'false' },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { type: 'array', items: reference(input.name) },
          example: [{ external_id: '42', email: 'alice@example.com', first_name: 'Alice', timezone: 'Europe/Berlin' }],
        },
      },
    },
    responses: {
      200: {
        description: 'A result for each entry, in their order.',
        content: json({ type: 'object', required: ['data'], properties: { data } }),
      },
      default: failure,
    },
    schemas: { ...results, [input.name]: inputSchema(input) },
  };
}

async function upsertUsers(
  caller: Caller,
  { field, input, selection }: Upsert,
  body: unknown,
  partial: boolean,
): Promise<readonly unknown[]> {
  if (!Array.isArray(body)) throw invalidPayload('The payload must be a list of users');
  const { collection } = caller.resource;
  const data = body.map((entry, index) => {
    try {
      return toGraphQLInput(entry, input, { collection, role: caller.role });
    } catch (error) {
      throw atIndex(index, error);
    }
  });
  return rowsOf(
    await caller.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { data, partial }, selection }])),
  );
}

/** The error of one entry, naming its position in the list. */
function atIndex(index: number, error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  return new ServiceError(error.code, `Entry ${index}: ${error.message}`, { ...error.extensions, index });
}

function readFlag(query: unknown): boolean {
  const { partial = 'false' } = query as { readonly partial?: unknown };
  if (partial === '' || partial === 'true' || partial === 'false') return partial !== 'false';
  throw invalidQuery('"partial" must be true or false');
}
