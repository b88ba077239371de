import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { failureOf, type ResultStream, subscribe } from '../../operations/subscribe.ts';
import { reference } from '../shared/json-schema.ts';
import { bearer, documented, type OperationDescription } from '../shared/openapi.ts';
import type { Services } from '../shared/services.ts';
import { errors, failure } from './describe-routes.ts';

const document = 'subscription ($id: ID!) { export_user(id: $id) { type data } }';
const contentType = 'application/jsonl';
/** Lines are sent together until they have this length, in characters. */
const chunkCharacters = 64 * 1024;

const description: OperationDescription = {
  tags: ['Users'],
  security: bearer,
  operationId: 'export_user',
  summary: 'Export everything stored about a user',
  description:
    'JSON lines, as of one moment. The first has the type `export`, the last the type `end`: without it, the export is incomplete. `me` is the caller. Members may export only their own data.',
  responses: {
    200: {
      description: 'One JSON value per line, without secrets.',
      content: { [contentType]: { schema: reference('user_export_line') } },
    },
    default: failure,
  },
  schemas: {
    directus_errors: errors,
    user_export_line: {
      type: 'object',
      required: ['type', 'data'],
      properties: {
        type: { type: 'string', description: 'What the line holds, such as `profile` or `notification`.' },
        data: { type: 'object', description: 'The row.' },
      },
    },
  },
};

/** Registers `GET` of everything stored about a user, as a file of JSON lines. */
export function registerExportUser(
  app: FastifyInstance,
  path: string,
  { operations, createContext }: Pick<Services, 'operations' | 'createContext'>,
): void {
  // Without HEAD: an export is recorded, and its length is not known before its end.
  app.get<{ readonly Params: { readonly id: string } }>(
    path,
    { ...documented(description), exposeHeadRoute: false },
    async ({ params: { id }, viewer, span, charge }, reply) => {
      const lines = await subscribe(operations, {
        document: operations.parse(document),
        variableValues: { id },
        contextValue: createContext(viewer, { span, charge }),
      });
      if (!(Symbol.asyncIterator in lines)) throw failureOf(lines);
      // The first line is read before the status is sent: a refusal has a status of its own.
      const first = await lines.next();
      return reply
        .headers({
          'content-type': contentType,
          'content-disposition': 'attachment; filename="export.jsonl"',
          'cache-control': 'no-store',
        })
        .send(Readable.from(chunksOf(first, lines)));
    },
  );
}

/** The text of the lines, in chunks. Closes the stream if the reader stops. */
async function* chunksOf(first: Awaited<ReturnType<ResultStream['next']>>, lines: ResultStream) {
  let chunk = '';
  try {
    for (let line = first; !line.done; line = await lines.next()) {
      const { data, errors: faults = [] } = line.value;
      if (faults.length > 0) throw failureOf(line.value);
      chunk += `${JSON.stringify(data?.['export_user'])}\n`;
      if (chunk.length < chunkCharacters) continue;
      yield chunk;
      chunk = '';
    }
    yield chunk;
  } finally {
    await lines.return?.();
  }
}
