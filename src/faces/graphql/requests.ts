import type { FastifyBodyParser, FastifyRequest } from 'fastify';
import type { Plugin } from 'graphql-yoga';
import { invalidPayload, unsupportedMediaType } from '../../errors.ts';
import { unreadableBody } from '../shared/body-encoding.ts';
import type { PersistedQueries } from './persisted-queries.ts';

const parameters = ['query', 'variables', 'operationName', 'extensions'] as const;

/** Further keys of a request mean nothing here, and are no reason to refuse it: clients send ids of their own. */
export function useKnownParameters(): Plugin {
  return {
    onParams({ params, setParams }) {
      if (typeof params !== 'object' || params === null || Array.isArray(params)) return;
      // Without a document they are what is wrong with the request.
      if (params.query === undefined && params.extensions === undefined) return;
      setParams(
        Object.fromEntries(parameters.filter((key) => Object.hasOwn(params, key)).map((key) => [key, params[key]])),
      );
    },
  };
}

/** Gives requests that name their document by a hash its text, and refuses those that may not be run. */
export function usePersistedQueries(persisted: PersistedQueries): Plugin {
  return {
    onParams({ params, setParams }) {
      if (typeof params !== 'object' || params === null) return;
      const text = persisted.textOf(params);
      if (text !== undefined && text !== params.query) setParams({ ...params, query: text });
    },
  };
}

/** Names the stream that a request of a single connection belongs to. */
const streamToken = 'x-graphql-event-stream-token';

/**
 * Refuses what is not served (arrays of requests, the single connection of `graphql-sse`) and what Yoga cannot take: it
 * waits for ever for a body that is empty or no object, having taken it for one that has not been read yet, and fails
 * on a host or on variables in an address that it cannot parse.
 * @throws ServiceError `INVALID_PAYLOAD`
 */
export function assertServed({ method, body, headers, host, url }: FastifyRequest): void {
  if (host && !URL.canParse(`http://${host}`)) throw invalidPayload('"Host" names no host');
  if (headers[streamToken] !== undefined) {
    throw invalidPayload(`"${streamToken}" is for a single connection; each subscription needs a request of its own`);
  }
  if (method === 'GET') {
    assertParameters(url.slice(url.indexOf('?') + 1));
    return;
  }
  if (Array.isArray(body)) throw invalidPayload('Requests in an array (batching) are not served; send each by itself');
  const isEmpty = typeof body === 'object' ? Object.keys(body ?? {}).length === 0 : typeof body !== 'string' || !body;
  if (isEmpty) throw invalidPayload('The body must hold a "query"');
  const type = headers['content-type'] ?? '';
  if (typeof body === 'string' && type.includes('json')) throw invalidPayload('The body must be an object');
  if (typeof body === 'string' && type.includes('x-www-form-urlencoded')) assertParameters(body);
}

function assertParameters(text: string): void {
  const parameters = new URLSearchParams(text);
  for (const name of ['variables', 'extensions']) {
    const value = parameters.get(name);
    if (value && !isJson(value)) throw invalidPayload(`"${name}" is not valid JSON`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Parses what can be read as text, and refuses the rest with `UNSUPPORTED_MEDIA_TYPE`. */
export function readable(parse: FastifyBodyParser<string>): FastifyBodyParser<string> {
  return (request, body, done) => {
    const reason = unreadableBody(request.headers);
    return reason === undefined ? parse(request, body, done) : done(unsupportedMediaType(reason));
  };
}
