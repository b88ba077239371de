import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { entityTag, isNamed } from './validators.ts';

/** Sent with every answer: nothing may be kept, and an answer depends on who asks from where. */
const commonHeaders = { 'cache-control': 'no-cache', vary: 'Origin, Cache-Control' } as const;
const jsonHeaders = { ...commonHeaders, 'content-type': 'application/json; charset=utf-8' } as const;

/** Sends text that already is JSON: spelling it here spares the server's own serialiser on every request. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.headers(jsonHeaders).send(text);
}

/** Sends JSON that was read, or 304 with no body to a caller who has it already. */
export function sendRead(reply: FastifyReply, text: string): FastifyReply {
  const { method, headers } = reply.request;
  if (method !== 'GET' && method !== 'HEAD') return sendJson(reply, text);
  const etag = entityTag(text);
  if (!isNamed(etag, headers['if-none-match'])) return sendJson(reply.header('etag', etag), text);
  return reply.headers(commonHeaders).header('etag', etag).code(304).send();
}

/** Sends text of another type; the type includes the character set. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.headers(commonHeaders).header('content-type', type).send(text);
}

/** Sends a stream of text, at the pace of its reader; the type includes the character set. */
export function sendStream(reply: FastifyReply, type: string, stream: Readable): FastifyReply {
  return reply.headers(commonHeaders).header('content-type', type).send(stream);
}

/** Sends nothing. Clients take a content type as the promise of a body, so there is none. */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.headers(commonHeaders).code(204).send();
}
