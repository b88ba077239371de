import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StoredAnswer } from '../../idempotency/idempotency.ts';
import { keyHeader, keyOf, replayedHeader } from '../../idempotency/parse-key.ts';
import type { ResolverUnit } from '../../schema/context.ts';
import type { ParameterDescription } from './openapi.ts';
import type { Services } from './services.ts';

/**
 * Answers a request of a REST route that writes. If it has an `Idempotency-Key`, it takes effect at most once: `work`
 * does everything in the unit, and a repetition gets the stored answer. What `work` throws undoes everything, and
 * nothing is stored. Without a key, `work` runs without a unit. Keys of viewers who are not signed in are checked and
 * otherwise ignored.
 * @throws ServiceError INVALID_PAYLOAD naming the header; the errors of `Idempotency.run`; what `work` throws
 */
export async function answerOnce(
  { idempotency }: Pick<Services, 'idempotency'>,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (unit?: ResolverUnit) => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const { viewer, headers } = request;
  const key = keyOf({ header: headers[keyHeader] });
  if (key === undefined || viewer.kind !== 'user') return work();
  const { answer, isReplayed } = await idempotency.run({ viewer, key, content: contentOf(request) }, work);
  if (isReplayed) reply.header(replayedHeader, 'true');
  return answer;
}

/** What distinguishes a request from others of its viewer. */
function contentOf({ method, url, query, body }: FastifyRequest): unknown {
  const end = url.indexOf('?');
  // The token may be another one when the request is repeated.
  const { access_token: _, coder_session_token: __, ...parameters } = query as Readonly<Record<string, unknown>>;
  return [method, end === -1 ? url : url.slice(0, end), parameters, body ?? null];
}

/** Describes the header of routes whose answers `answerOnce` gives, for the API reference. */
export const keyParameter: ParameterDescription = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Text of at most 255 characters that the caller chooses, such as a UUID. A repetition with the same key has no further effect and gets the same answer, with the header `Idempotency-Replayed: true`. Another request with this key is refused with 422, and one that comes while the first is running with 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
