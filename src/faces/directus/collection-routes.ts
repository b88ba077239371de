import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { fieldAccess } from '../../auth/rights.ts';
import type { Limits } from '../../config.ts';
import type { Operation } from '../../operations/operations.ts';
import { type ResolverUnit, withRowBound, withUnit } from '../../schema/context.ts';
import { documented, type Tag } from '../shared/openapi.ts';
import type { Services } from '../shared/services.ts';
import { type AnswerWrite, createAnswerWrite, documentedWrite } from './answer-write.ts';
import { parseDeleteBody, parsePatchBody, parseSearchBody } from './body.ts';
import type { Caller, Data, RowBound } from './caller.ts';
import { type CollectionDescriptions, describeRoutes } from './describe-routes.ts';
import { exportList } from './export-list.ts';
import { type ExportFormat, parseQuery, type Query } from './query.ts';
import { type PreparedRead, prepareItem, prepareList } from './reads.ts';
import { sendRead, sendStream, sendText } from './reply.ts';
import { describeResource, keyOf, type Resource } from './resource.ts';
import { createMany, createOne, deleteMany, deleteOne, updateMany, updateOne } from './writes.ts';

interface ByKey {
  readonly Params: { readonly id: string };
}

/** A collection of the schema, and how requests for it are parsed. */
export interface Collection {
  readonly resource: Resource;
  readonly limits: Limits;
  readonly callerOf: (request: FastifyRequest) => Caller;
  readonly answerWrite: AnswerWrite;
  /** @throws ServiceError `INVALID_QUERY` */
  readonly queryOf: (request: FastifyRequest) => Query;
  /** Descriptions of its routes for the API reference. */
  readonly descriptions: CollectionDescriptions;
}

export function describeCollection(stem: string, tag: Tag, services: Services): Collection {
  const { operations, createContext, config } = services;
  const { limits } = config;
  const resource = describeResource(operations.schema, stem);
  const callerOf = ({ viewer, span, charge }: FastifyRequest, unit?: ResolverUnit): Caller => {
    const plain = createContext(viewer, { span, charge });
    const context = unit ? withUnit(plain, unit) : plain;
    const run = (operation: Operation, rows?: RowBound) =>
      operations.run<Data>(operation, rows ? withRowBound(context, rows.most) : context);
    return { resource, limits, role: fieldAccess(viewer), run };
  };
  return {
    resource,
    limits,
    descriptions: describeRoutes(resource, tag),
    callerOf,
    answerWrite: createAnswerWrite(services, callerOf),
    // The server's query string parser always returns an object.
    queryOf: (request) => parseQuery(request.query as Readonly<Record<string, unknown>>, limits),
  };
}

/**
 * Registers the routes common to all collections, at and below the path.
 * @param more further methods of the path, for `OPTIONS`
 */
export function registerCollection(
  app: FastifyInstance,
  path: string,
  collection: Collection,
  ...more: string[]
): void {
  const { resource, limits, callerOf, answerWrite, queryOf, descriptions } = collection;
  const listOf = cacheLists(collection);

  async function answer(reply: FastifyReply, caller: Caller, { read, query }: ParsedRead): Promise<FastifyReply> {
    const result = await read.run(caller);
    if (query.export === undefined) return sendRead(reply, JSON.stringify(result));
    const { writeExport } = await import('./export.ts');
    const text = writeExport(query.export, result.data, read.columns);
    return sendText(reply, await contentTypeOf(reply, query.export), text);
  }

  /** Reads aggregates at once, and exported lists in batches, because they may exceed the limit of one read. */
  async function answerList(reply: FastifyReply, caller: Caller, parsed: ParsedRead, keys?: readonly string[]) {
    const { query } = parsed;
    const format = query.export;
    if (format === undefined || query.aggregate || query.groupBy) return answer(reply, caller, parsed);
    const stream = await exportList(caller, { query, format, ...(keys && { keys }) });
    const type = await contentTypeOf(reply, format);
    if (reply.request.method !== 'HEAD') return sendStream(reply, type, stream);
    stream.destroy();
    return sendText(reply, type, '');
  }

  async function contentTypeOf(reply: FastifyReply, format: ExportFormat): Promise<string> {
    const { describeExport } = await import('./export.ts');
    const { name, contentType } = describeExport({ format, collection: resource.collection, now: new Date() });
    reply.header('content-disposition', `attachment; filename="${name}"`);
    return contentType;
  }

  app.get(path, documented(descriptions.list), async (request, reply) => {
    const caller = callerOf(request);
    return answerList(reply, caller, listOf(request, caller));
  });

  app.route({
    method: 'SEARCH',
    url: path,
    ...documented(descriptions.search),
    async handler(request, reply) {
      const caller = callerOf(request);
      const body = parseSearchBody(request.body);
      const query = body.query ? parseQuery(body.query, limits) : queryOf(request);
      const keys = body.keys?.map((key) => keyOf(resource, key));
      return answerList(reply, caller, { read: prepareList(resource, query, caller, keys), query }, keys);
    },
  });

  app.post(path, documentedWrite(descriptions.create), (request, reply) =>
    answerWrite(request, reply, async (caller) => {
      const body = request.body ?? {};
      const query = queryOf(request);
      return Array.isArray(body) ? createMany(caller, body, query) : createOne(caller, body, query);
    }),
  );

  app.patch(path, documentedWrite(descriptions.updateMany), (request, reply) =>
    answerWrite(request, reply, async (caller) => {
      const body = parsePatchBody(request.body);
      return updateMany(caller, body, queryOf(request));
    }),
  );

  app.delete(path, documentedWrite(descriptions.deleteMany), (request, reply) =>
    answerWrite(request, reply, async (caller) => deleteMany(caller, parseDeleteBody(request.body))),
  );

  app.get<ByKey>(`${path}/:id`, documented(descriptions.read), async (request, reply) => {
    const [caller, query] = [callerOf(request), queryOf(request)];
    const key = keyOf(resource, request.params.id);
    return answer(reply, caller, { read: prepareItem(resource, query, caller, key), query });
  });

  app.patch<ByKey>(`${path}/:id`, documentedWrite(descriptions.update), (request, reply) =>
    answerWrite(request, reply, async (caller) => {
      const key = keyOf(resource, request.params.id);
      return updateOne(caller, key, request.body ?? {}, queryOf(request));
    }),
  );

  app.delete<ByKey>(`${path}/:id`, documentedWrite(descriptions.delete), (request, reply) =>
    answerWrite(request, reply, async (caller) => deleteOne(caller, keyOf(resource, request.params.id))),
  );

  app.options(path, (_request, reply) => allow(reply, ['POST,GET,HEAD,SEARCH,PATCH,DELETE', ...more].join()));
  app.options(`${path}/:id`, (_request, reply) => allow(reply, 'GET,HEAD,PATCH,DELETE'));
}

interface ParsedRead {
  readonly read: PreparedRead;
  readonly query: Query;
}

/** Maximum number of query strings cached per role, and the maximum length of a cached one, in characters. */
const cachedLists = 500;
const cachedLength = 2000;

/** Caches prepared list reads by query string, because polling clients repeat theirs. */
function cacheLists({ resource, queryOf }: Collection): (request: FastifyRequest, caller: Caller) => ParsedRead {
  const caches = {
    admin: new LRUCache<string, ParsedRead>({ max: cachedLists }),
    member: new LRUCache<string, ParsedRead>({ max: cachedLists }),
  };
  return (request, caller) => {
    const text = request.url.slice(request.url.indexOf('?') + 1);
    const cached = caches[caller.role].get(text);
    if (cached) return cached;
    const query = queryOf(request);
    const parsed = { read: prepareList(resource, query, caller), query };
    // Query strings with a token are not cached.
    if (text.length <= cachedLength && !text.includes('access_token')) caches[caller.role].set(text, parsed);
    return parsed;
  };
}

function allow(reply: FastifyReply, methods: string): FastifyReply {
  return reply.header('allow', methods).send();
}
