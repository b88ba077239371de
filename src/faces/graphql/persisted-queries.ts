import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Operations } from '../../operations/operations.ts';
import { type AllowList, sha256Of } from './allow-list.ts';

/** The parts of a request that identify its document. */
export interface DocumentRequest {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/** Resolves the document of a request and checks whether it may run; shared by all transports. */
export interface PersistedQueries {
  /**
   * The text of the document; undefined if the request has none.
   * @throws GraphQLError for a hash that is unknown or does not match the text, and for a document that is not
   * on the allow-list.
   */
  textOf(request: DocumentRequest): string | undefined;
}

export interface PersistedQueriesOptions {
  readonly operations: Pick<Operations, 'parse' | 'validate'>;
  /** Undefined: every document may run. */
  readonly allowList?: AllowList | undefined;
}

/** Memory for registered documents; the least recently used are evicted first. */
const cacheBytes = 8 * 1024 * 1024;
/** Overhead of a cache entry besides its text. */
const entryBytes = 256;

/**
 * Automatic persisted queries: a client first sends only the hash of a document, and repeats the request with the text
 * if the hash is unknown. Only valid documents are cached, in the memory of this process.
 * @see https://www.apollographql.com/docs/apollo-server/performance/apq
 */
export function createPersistedQueries({ operations, allowList }: PersistedQueriesOptions): PersistedQueries {
  const texts = new LRUCache<string, string>({
    maxSize: cacheBytes,
    sizeCalculation: (text) => 2 * text.length + entryBytes,
  });

  function isValid(text: string): boolean {
    try {
      return operations.validate(operations.parse(text)).length === 0;
    } catch {
      // The error is reported when the document is executed.
      return false;
    }
  }

  return {
    textOf({ query, extensions }) {
      const hash = hashOf(extensions);
      if (typeof query !== 'string' || query === '') {
        const registered = hash === undefined ? undefined : (allowList?.named(hash) ?? texts.get(hash));
        if (hash !== undefined && registered === undefined) throw notFound();
        return registered;
      }
      if (allowList && !allowList.has(query)) throw notAllowed();
      if (hash === undefined || texts.get(hash) === query || allowList?.named(hash) === query) return query;
      if (sha256Of(query) !== hash) throw mismatch();
      if (isValid(query)) texts.set(hash, query);
      return query;
    },
  };
}

/** The hash in `extensions.persistedQuery`; other extensions are ignored. */
function hashOf(extensions: unknown): string | undefined {
  const persisted = propertyOf(extensions, 'persistedQuery');
  if (persisted === undefined || persisted === null) return undefined;
  if (propertyOf(persisted, 'version') !== 1) throw malformed('"extensions.persistedQuery.version" must be 1');
  const hash = propertyOf(persisted, 'sha256Hash');
  if (typeof hash !== 'string') throw malformed('"extensions.persistedQuery.sha256Hash" must be a string');
  return hash;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** `spec`: the status applies to `application/graphql-response+json`; as `application/json` it is 200. */
function refusal(message: string, code: string, http: { readonly status: number; readonly spec?: boolean }) {
  return new GraphQLError(message, { extensions: { code, http } });
}

const malformed = (message: string) => refusal(message, 'BAD_REQUEST', { status: 400 });

/** Clients recognise this message and code, and repeat the request with the text. */
const notFound = () => refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', { status: 404, spec: true });

const mismatch = () =>
  refusal('"extensions.persistedQuery.sha256Hash" is not the SHA-256 of "query".', 'PERSISTED_QUERY_MISMATCH', {
    status: 400,
  });

const notAllowed = () => refusal('This document is not on the allow list.', 'OPERATION_NOT_ALLOWED', { status: 403 });
