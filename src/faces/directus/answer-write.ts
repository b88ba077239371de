import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ResolverUnit } from '../../schema/context.ts';
import { answerOnce, keyParameter } from '../shared/answer-once.ts';
import { documented, type OperationDescription } from '../shared/openapi.ts';
import type { Services } from '../shared/services.ts';
import type { Caller } from './caller.ts';
import { sendJson, sendNothing } from './reply.ts';

/**
 * Answers a request that writes with the rows that `work` returns. Undefined is sent as 204 without a body, which clients
 * read as null.
 */
export type AnswerWrite = (
  request: FastifyRequest,
  reply: FastifyReply,
  work: (caller: Caller) => Promise<unknown>,
) => Promise<FastifyReply>;

export function createAnswerWrite(
  services: Pick<Services, 'idempotency'>,
  callerOf: (request: FastifyRequest, unit?: ResolverUnit) => Caller,
): AnswerWrite {
  return async (request, reply, work) => {
    const { body } = await answerOnce(services, request, reply, async (unit) => {
      const data = await work(callerOf(request, unit));
      return data === undefined ? { status: 204, body: null } : { status: 200, body: JSON.stringify({ data }) };
    });
    return body === null ? sendNothing(reply) : sendJson(reply, body);
  };
}

/** The options of a route that `AnswerWrite` answers. */
export function documentedWrite(openapi: OperationDescription) {
  return documented({ ...openapi, parameters: [...(openapi.parameters ?? []), keyParameter] });
}
