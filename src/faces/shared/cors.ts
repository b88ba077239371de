import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Origins } from '../../config.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'SEARCH'];
/** What pages may read beside the headers that every page may. */
const exposedHeaders = ['Content-Range', 'Retry-After'];
/** How long browsers may remember an answer to their asking, in seconds. */
const maxAge = 18_000;

/** The origins that were named: whoever may be any page is none of them. */
export function namedOrigins(origins: Origins): readonly string[] {
  return origins === 'any' ? [] : origins;
}

/**
 * Lets pages of other origins call what is registered after it, and answers their browsers, which ask beforehand and
 * without a token. Whatever headers they ask for they may send.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export async function allowOrigins(app: FastifyInstance, origins: Origins): Promise<void> {
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: origins === 'any' ? '*' : [...origins],
    // A cookie of the Coder face must not speak for its user to a page that nobody named.
    credentials: origins !== 'any',
    methods,
    exposedHeaders,
    maxAge,
    // The plugin would refuse what is no such question in words of its own.
    strictPreflight: false,
  });
}
