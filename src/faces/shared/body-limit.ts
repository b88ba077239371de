import type { FastifyRequest } from 'fastify';

/** Why a body was refused as too large, with the limit and the variable that sets it, without a full stop. */
export function bodyTooLarge({ routeOptions }: FastifyRequest): string {
  const { bodyLimit } = routeOptions;
  const most = bodyLimit === undefined ? 'than' : `than the ${bodyLimit} bytes that`;
  return `The body is larger ${most} MAX_PAYLOAD_SIZE allows`;
}
