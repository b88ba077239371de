import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Operations } from '../../operations/operations.ts';
import { type AllowList, sha256Of } from './allow-list.ts';

/** The parts of a request that say which document it is about. */
export interface DocumentRequest {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/** One rule for every transport: which document a request means, and whether it may be run. */
export interface PersistedQueries {
  /**
   * The text of the document; undefined where the request names none.
   * @throws GraphQLError for a hash that is unknown or not that of the text, and for what is not on the allow-list.
   */
  textOf(request: DocumentRequest): string | undefined;
}

export interface PersistedQueriesOptions {
  readonly operations: Pick<Operations, 'parse' | 'validate'>;
  /** Left out: every document may be run. */
  readonly allowList?: AllowList | undefined;
}

/** Memory for texts that clients have registered; the least recently used go first. */
const rememberedBytes = 8 * 1024 * 1024;
/** What an entry takes besides its text. */
const entryBytes = 256;

/**
 * Automatic persisted queries: a client sends the hash of a document alone, and once more with the text when the hash is
 * not known. Only documents without faults are remembered, in the memory of this process.
 * @see https://www.apollographql.com/docs/apollo-server/performance/apq
 */
export function createPersistedQueries({ operations, allowList }: PersistedQueriesOptions): PersistedQueries {
  const texts = new LRUCache<string, string>({
    maxSize: rememberedBytes,
    sizeCalculation: (text) => 2 * text.length + entryBytes,
  });

  function isValid(text: string): boolean {
    try {
      return operations.validate(operations.parse(text)).length === 0;
    } catch {
      // Whoever runs it says what is wrong with it.
      return false;
    }
  }

  return {
    textOf({ query, extensions }) {
      const hash = hashOf(extensions);
      if (typeof query !== 'string' || query === '') {
        const known = hash === undefined ? undefined : (allowList?.named(hash) ?? texts.get(hash));
        if (hash !== undefined && known === undefined) throw notFound();
        return known;
      }
      if (allowList && !allowList.has(query)) throw notAllowed();
      if (hash === undefined || texts.get(hash) === query || allowList?.named(hash) === query) return query;
      if (sha256Of(query) !== hash) throw mismatch();
      if (isValid(query)) texts.set(hash, query);
      return query;
    },
  };
}

/** The hash in `extensions.persistedQuery`, which other extensions may stand beside. */
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

/** `spec`: the status is for clients that take `application/graphql-response+json`; in plain JSON it is 200. */
function refusal(message: string, code: string, http: { readonly status: number; readonly spec?: boolean }) {
  return new GraphQLError(message, { extensions: { code, http } });
}

const malformed = (message: string) => refusal(message, 'BAD_REQUEST', { status: 400 });

/** Clients know this message and this code, and send the text. */
const notFound = () => refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', { status: 404, spec: true });

const mismatch = () =>
  refusal('"extensions.persistedQuery.sha256Hash" is not the SHA-256 of "query".', 'PERSISTED_QUERY_MISMATCH', {
    status: 400,
  });

const notAllowed = () =>
  refusal('This document is not on the list of those that may be run here.', 'OPERATION_NOT_ALLOWED', { status: 403 });
