import type { FastifyInstance } from 'fastify';
import { anybody, documented, json } from './openapi.ts';
import type { Services } from './services.ts';

/** Seconds for which clients may keep the keys. */
const maxAge = 15;

/** `GET /.well-known/jwks.json`: the public keys of minted tokens, for other services that check them. */
export function registerJwks(app: FastifyInstance, { publishKeys }: Pick<Services, 'publishKeys'>): void {
  app.get('/.well-known/jwks.json', documented(description), async (_request, reply) => {
    return reply.header('cache-control', `public, max-age=${maxAge}`).send(await publishKeys());
  });
}

const description = {
  operationId: 'jwks',
  summary: 'The public keys of minted tokens',
  description: 'A JWK Set (RFC 7517), newest key first. Tokens name their key in `kid`.',
  tags: ['Server'],
  security: anybody,
  responses: {
    200: {
      description: 'The keys.',
      content: json({
        type: 'object',
        required: ['keys'],
        properties: {
          keys: {
            type: 'array',
            items: { type: 'object', required: ['kty', 'kid', 'alg', 'use'], additionalProperties: { type: 'string' } },
          },
        },
      }),
    },
    default: { description: 'The database is not reachable.', content: json({ type: 'object' }) },
  },
} as const;
