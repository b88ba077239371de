import type { FastifyRequest } from 'fastify';
import { isAdmin } from '../../auth/viewer.ts';
import type { Limits } from '../../config.ts';
import { execute, type Operation, type Operations } from '../shared/execute.ts';
import { parseQuery, type Query } from './query.ts';
import type { Data } from './reads.ts';
import { describeResource, type Resource } from './resource.ts';
import type { Scope } from './shown.ts';

/** What the routes of the dialect are given. */
export interface DirectusOptions {
  readonly operations: Operations;
  /** The context that resolvers get, made for one request; with `rows`, queries read as many at most. */
  readonly contextOf: (request: FastifyRequest, rows?: RowBound) => unknown;
  readonly limits: Limits;
  /** Whether the schema may be downloaded; unset: it may. */
  readonly introspection?: boolean;
  /** The clock that names exported files. */
  readonly now?: () => Date;
}

/** Other rows than one query may read: for what must reach all of them, or says that it does not. */
export interface RowBound {
  /** Undefined: no bound. */
  readonly most: number | undefined;
}

/** One caller at the door of one collection: everything a read or a write needs. */
export interface Desk extends Scope {
  readonly resource: Resource;
  readonly run: (operation: Operation, rows?: RowBound) => Promise<Data>;
}

/** Where the requests of one collection are taken in. */
export interface Reception {
  readonly resource: Resource;
  readonly limits: Limits;
  readonly now: () => Date;
  readonly deskOf: (request: FastifyRequest) => Desk;
  /** @throws ServiceError `INVALID_QUERY` */
  readonly queryOf: (request: FastifyRequest) => Query;
}

/** Prepares the reception of a collection of the schema. */
export function describeDesk(stem: string, options: DirectusOptions): Reception {
  const { operations, contextOf, limits, now = () => new Date() } = options;
  const resource = describeResource(operations.schema, stem);
  return {
    resource,
    limits,
    now,
    deskOf(request) {
      const context = contextOf(request);
      const run = (operation: Operation, rows?: RowBound) =>
        execute<Data>(operations, operation, rows ? contextOf(request, rows) : context);
      return { resource, limits, role: isAdmin(request.viewer) ? 'admin' : 'member', run };
    },
    // The server's parser makes an object of every query string.
    queryOf: (request) => parseQuery(request.query as Readonly<Record<string, unknown>>, limits),
  };
}
