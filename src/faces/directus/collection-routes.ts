import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { parseDeleteBody, parsePatchBody, parseSearchBody } from './body.ts';
import type { Desk, Reception } from './desk.ts';
import { describeExport, writeExport } from './export.ts';
import { exportList } from './export-list.ts';
import { type ExportFormat, parseQuery, type Query } from './query.ts';
import { type PreparedRead, prepareItem, prepareList } from './reads.ts';
import { sendJson, sendNothing, sendRead, sendStream, sendText } from './reply.ts';
import { keyOf } from './resource.ts';
import { createMany, createOne, deleteMany, deleteOne, updateMany, updateOne } from './writes.ts';

interface ByKey {
  readonly Params: { readonly id: string };
}

/** Registers the routes that every collection has, at the path and below it. */
export function registerCollection(app: FastifyInstance, path: string, reception: Reception): void {
  const { resource, limits, deskOf, queryOf } = reception;
  const listOf = rememberLists(reception);

  async function answer(reply: FastifyReply, desk: Desk, { read, query }: AskedRead): Promise<FastifyReply> {
    const shown = read.answer(await desk.run(read.operation));
    if (query.export === undefined) return sendRead(reply, JSON.stringify(shown));
    const text = writeExport(query.export, shown.data, read.columns);
    return sendText(reply, contentTypeOf(reply, query.export), text);
  }

  /** Groups come as one; a list of rows may be longer than one read. */
  async function answerList(reply: FastifyReply, desk: Desk, asked: AskedRead, keys?: readonly string[]) {
    const { query } = asked;
    const format = query.export;
    if (format === undefined || query.aggregate || query.groupBy) return answer(reply, desk, asked);
    const stream = await exportList(desk, { query, format, ...(keys && { keys }) });
    const type = contentTypeOf(reply, format);
    if (reply.request.method !== 'HEAD') return sendStream(reply, type, stream);
    stream.destroy();
    return sendText(reply, type, '');
  }

  function contentTypeOf(reply: FastifyReply, format: ExportFormat): string {
    const { name, contentType } = describeExport({ format, collection: resource.collection, now: reception.now() });
    reply.header('content-disposition', `attachment; filename="${name}"`);
    return contentType;
  }

  app.get(path, async (request, reply) => {
    const desk = deskOf(request);
    return answerList(reply, desk, listOf(request, desk));
  });

  app.route({
    method: 'SEARCH',
    url: path,
    async handler(request, reply) {
      const desk = deskOf(request);
      const body = parseSearchBody(request.body);
      const query = body.query ? parseQuery(body.query, limits) : queryOf(request);
      const keys = body.keys?.map((key) => keyOf(resource, key));
      return answerList(reply, desk, { read: prepareList(resource, query, desk, keys), query }, keys);
    },
  });

  app.post(path, async (request, reply) => {
    const body = request.body ?? {};
    const [desk, query] = [deskOf(request), queryOf(request)];
    if (Array.isArray(body)) return sendRows(reply, await createMany(desk, body, query));
    return sendRows(reply, await createOne(desk, body, query));
  });

  app.patch(path, async (request, reply) => {
    const body = parsePatchBody(request.body);
    return sendRows(reply, await updateMany(deskOf(request), body, queryOf(request)));
  });

  app.delete(path, async (request, reply) => {
    const body = parseDeleteBody(request.body);
    await deleteMany(deskOf(request), body);
    return sendNothing(reply);
  });

  app.get<ByKey>(`${path}/:id`, async (request, reply) => {
    const [desk, query] = [deskOf(request), queryOf(request)];
    const key = keyOf(resource, request.params.id);
    return answer(reply, desk, { read: prepareItem(resource, query, desk, key), query });
  });

  app.patch<ByKey>(`${path}/:id`, async (request, reply) => {
    const key = keyOf(resource, request.params.id);
    return sendRows(reply, await updateOne(deskOf(request), key, request.body ?? {}, queryOf(request)));
  });

  app.delete<ByKey>(`${path}/:id`, async (request, reply) => {
    await deleteOne(deskOf(request), keyOf(resource, request.params.id));
    return sendNothing(reply);
  });

  app.options(path, (_request, reply) => allow(reply, 'POST,GET,HEAD,SEARCH,PATCH,DELETE'));
  app.options(`${path}/:id`, (_request, reply) => allow(reply, 'GET,HEAD,PATCH,DELETE'));
}

/** What a write answers; nothing to show is no body at all, which clients read as null. */
export function sendRows(reply: FastifyReply, data: unknown): FastifyReply {
  return data === undefined ? sendNothing(reply) : sendJson(reply, JSON.stringify({ data }));
}

interface AskedRead {
  readonly read: PreparedRead;
  readonly query: Query;
}

/** Query strings remembered per role, and the longest that is. */
const rememberedLists = 500;
const longestRemembered = 2000;

/** Reads of lists by query string: what polls and feeds ask again and again is prepared once. */
function rememberLists({ resource, queryOf }: Reception): (request: FastifyRequest, desk: Desk) => AskedRead {
  const known = {
    admin: new LRUCache<string, AskedRead>({ max: rememberedLists }),
    member: new LRUCache<string, AskedRead>({ max: rememberedLists }),
  };
  return (request, desk) => {
    const text = request.url.slice(request.url.indexOf('?') + 1);
    const remembered = known[desk.role].get(text);
    if (remembered) return remembered;
    const query = queryOf(request);
    const asked = { read: prepareList(resource, query, desk), query };
    // A token in the query string is not for keeping.
    if (text.length <= longestRemembered && !text.includes('access_token')) known[desk.role].set(text, asked);
    return asked;
  };
}

function allow(reply: FastifyReply, methods: string): FastifyReply {
  return reply.header('allow', methods).send();
}
