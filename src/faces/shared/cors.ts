import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Origins } from '../../config.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'SEARCH'];
/** Response headers that pages may read besides the safelisted ones. */
const exposedHeaders = ['Content-Range', 'Retry-After', 'Idempotency-Replayed'];
/** How long browsers may cache a preflight response, in seconds. */
const maxAge = 18_000;

/** The explicitly configured origins; none if any origin is allowed. */
export function namedOrigins(origins: Origins): readonly string[] {
  return origins === 'any' ? [] : origins;
}

/**
 * Allows pages of these origins to call the routes registered after it. Preflight requests, which carry no token, are
 * answered here; they may ask for any request headers.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export async function allowOrigins(app: FastifyInstance, origins: Origins): Promise<void> {
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: origins === 'any' ? '*' : [...origins],
    // With any origin allowed, cookies of the Coder face must not authenticate requests of arbitrary pages.
    credentials: origins !== 'any',
    methods,
    exposedHeaders,
    maxAge,
    // Otherwise the plugin answers an OPTIONS request that is no preflight with an error in its own format.
    strictPreflight: false,
  });
}
