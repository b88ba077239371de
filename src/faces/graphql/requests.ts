import type { FastifyBodyParser, FastifyRequest } from 'fastify';
import type { Plugin } from 'graphql-yoga';
import { invalidPayload, unsupportedMediaType } from '../../errors.ts';
import { unreadableBody } from '../shared/body-encoding.ts';
import type { PersistedQueries } from './persisted-queries.ts';

const parameters = ['query', 'variables', 'operationName', 'extensions'] as const;

/** Removes unknown keys from requests, because some clients add ids of their own and Yoga would refuse them. */
export function useKnownParameters(): Plugin {
  return {
    onParams({ params, setParams }) {
      if (typeof params !== 'object' || params === null || Array.isArray(params)) return;
      // If there is no document, the keys are kept, because the error of Yoga then names the unknown ones.
      if (params.query === undefined && params.extensions === undefined) return;
      setParams(
        Object.fromEntries(parameters.filter((key) => Object.hasOwn(params, key)).map((key) => [key, params[key]])),
      );
    },
  };
}

/** Replaces a document's hash with its text, and refuses documents that may not run. */
export function usePersistedQueries(persisted: PersistedQueries): Plugin {
  return {
    onParams({ params, setParams }) {
      if (typeof params !== 'object' || params === null) return;
      const text = persisted.textOf(params);
      if (text !== undefined && text !== params.query) setParams({ ...params, query: text });
    },
  };
}

/** The header of `graphql-sse` that assigns a request to a single connection. */
const streamToken = 'x-graphql-event-stream-token';

/**
 * Refuses requests that are not supported (batches, the single connection mode of `graphql-sse`) or that Yoga
 * mishandles: it takes an empty or non-object body for one not read yet and waits forever, and it throws on an invalid
 * host or on invalid variables in the URL.
 * @throws ServiceError `INVALID_PAYLOAD`
 */
export function assertServed({ method, body, headers, host, url }: FastifyRequest): void {
  if (host && !URL.canParse(`http://${host}`)) throw invalidPayload('"Host" is not valid');
  if (headers[streamToken] !== undefined) {
    throw invalidPayload(`"${streamToken}" is for a single connection; each subscription needs a request of its own`);
  }
  if (method === 'GET') {
    assertParameters(url.slice(url.indexOf('?') + 1));
    return;
  }
  if (Array.isArray(body)) throw invalidPayload('Batched requests are not supported: send each one separately');
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

/** Wraps a body parser: bodies that cannot be read as text are refused with `UNSUPPORTED_MEDIA_TYPE`. */
export function readable(parse: FastifyBodyParser<string>): FastifyBodyParser<string> {
  return (request, body, done) => {
    const reason = unreadableBody(request.headers);
    return reason === undefined ? parse(request, body, done) : done(unsupportedMediaType(reason));
  };
}
