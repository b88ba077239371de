import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { entityTag, matchesEtag } from './validators.ts';

/** Headers of every answer: caches must revalidate, and answers vary with the origin. */
const commonHeaders = { 'cache-control': 'no-cache', vary: 'Origin, Cache-Control' } as const;
const jsonHeaders = { ...commonHeaders, 'content-type': 'application/json; charset=utf-8' } as const;

/** Sends JSON text, bypassing Fastify's serializer. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.headers(jsonHeaders).send(text);
}

/** Sends JSON text that no cache may store. */
export function sendSecret(reply: FastifyReply, text: string): FastifyReply {
  return reply.headers({ ...jsonHeaders, 'cache-control': 'no-store' }).send(text);
}

/** Sends the JSON of a read, or 304 without a body if the caller's `If-None-Match` names it. */
export function sendRead(reply: FastifyReply, text: string): FastifyReply {
  const { method, headers } = reply.request;
  if (method !== 'GET' && method !== 'HEAD') return sendJson(reply, text);
  const etag = entityTag(text);
  if (!matchesEtag(etag, headers['if-none-match'])) return sendJson(reply.header('etag', etag), text);
  return reply.headers(commonHeaders).header('etag', etag).code(304).send();
}

/** Sends text of another type; the type includes the character set. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.headers(commonHeaders).header('content-type', type).send(text);
}

/** Sends a stream of text at the reader's pace; the type includes the character set. */
export function sendStream(reply: FastifyReply, type: string, stream: Readable): FastifyReply {
  return reply.headers(commonHeaders).header('content-type', type).send(stream);
}

/** Sends 204 without a content type, because clients try to parse a body if there is one. */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.headers(commonHeaders).code(204).send();
}
