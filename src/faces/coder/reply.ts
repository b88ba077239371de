import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import { type CoderError, type Failures, translate } from './errors.ts';
import type { Answer } from './route.ts';

const jsonType = 'application/json; charset=utf-8';

/** Answers with JSON, or with nothing where there is no body. Nobody may keep what is about one user. */
export function sendAnswer(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  reply.code(status).header('cache-control', 'no-cache');
  return body === undefined ? reply.send() : reply.type(jsonType).send(`${JSON.stringify(body)}\n`);
}

/** Answers with the error as the route has it, logging with the request's id what is a fault of ours. */
export function sendFailure(reply: FastifyReply, error: unknown, failures: Failures = {}): FastifyReply {
  const { request } = reply;
  const parameters = (request.params ?? {}) as Readonly<Record<string, string>>;
  const { status, headers, body } = known(error, failures, parameters, request.log);
  reply.headers(headers);
  if (typeof body !== 'string') return sendAnswer(reply, { status, body });
  return reply.code(status).type('text/plain; charset=utf-8').send(body);
}

/** What an upgrade of the dialect is refused with. */
export function refusalOf(error: unknown, log: Pick<FastifyBaseLogger, 'error'>) {
  const { status, body, headers } = known(error, {}, {}, log);
  return { status, body, headers };
}

function known(
  error: unknown,
  failures: Failures,
  parameters: Readonly<Record<string, string>>,
  log: Pick<FastifyBaseLogger, 'error'>,
): CoderError {
  const { answer, isOurs } = translate(error, failures, parameters);
  if (isOurs) log.error({ err: error }, 'unexpected error');
  return answer;
}
