import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { StoredAnswer } from '../../idempotency/idempotency.ts';
import { bodyTooLarge } from '../shared/body-limit.ts';
import { isAborted } from '../shared/late-bodies.ts';
import { CoderError, type Failures, translate, unknownRoute } from './errors.ts';
import type { Answer } from './route.ts';

const jsonType = 'application/json; charset=utf-8';

/** Sends a JSON body, or none. */
export function sendAnswer(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return sendWritten(reply, written({ status, body }));
}

/** The answer with its body as JSON text. */
export function written({ status, body }: Answer): StoredAnswer {
  return { status, body: body === undefined ? null : JSON.stringify(body) };
}

/** Sends an answer whose body is JSON text. `no-cache`, because responses depend on the user. */
export function sendWritten(reply: FastifyReply, { status, body }: StoredAnswer): FastifyReply {
  reply.code(status).header('cache-control', 'no-cache');
  return body === null ? reply.send() : reply.type(jsonType).send(`${body}\n`);
}

/** Sends an error as the route maps it; internal errors are logged with the request id. */
export function sendFailure(reply: FastifyReply, error: unknown, failures: Failures = {}): FastifyReply {
  const { request } = reply;
  const parameters = (request.params ?? {}) as Readonly<Record<string, string>>;
  const { status, headers, body } = responseTo(fromFastify(error, request), failures, parameters, request.log);
  reply.headers(headers);
  if (typeof body !== 'string') return sendAnswer(reply, { status, body });
  return reply.code(status).type('text/plain; charset=utf-8').send(body);
}

/** The error handler for requests that fail before they reach a route. */
export function handleError(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  sendFailure(reply, error);
}

/** The response to a refused upgrade. */
export function refusalOf(error: unknown, log: Pick<FastifyBaseLogger, 'error'>) {
  const { status, body, headers } = responseTo(error, {}, {}, log);
  return { status, body, headers };
}

function responseTo(
  error: unknown,
  failures: Failures,
  parameters: Readonly<Record<string, string>>,
  log: Pick<FastifyBaseLogger, 'error'>,
): CoderError {
  const { answer, isInternal } = translate(error, failures, parameters);
  if (isInternal) log.error({ err: error }, 'unexpected error');
  return answer;
}

const incompleteBody = () =>
  new CoderError(400, { message: 'Request body must be valid JSON.', detail: 'unexpected EOF' });

/** Translates Fastify's own errors to Coder's; returns others unchanged. */
function fromFastify(error: unknown, request: FastifyRequest): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isAborted(error, request)) return incompleteBody();
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new CoderError(413, { message: 'Request body is too large.', detail: `${bodyTooLarge(request)}.` });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return incompleteBody();
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_ERR_NOT_FOUND':
      return unknownRoute();
    default:
      return error;
  }
}
