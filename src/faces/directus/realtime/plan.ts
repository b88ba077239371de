import { fieldAccess } from '../../../auth/rights.ts';
import type { Viewer } from '../../../auth/viewer.ts';
import type { Operation } from '../../../operations/operations.ts';
import type { Charge } from '../../../rate-limits/caller-limits.ts';
import type { Services } from '../../shared/services.ts';
import type { Data, Runner } from '../caller.ts';
import { type JsonObject, parseQuery, type Query } from '../query.ts';
import { prepareItem, prepareKeyed, prepareList } from '../reads.ts';
import { describeResource, keyOf } from '../resource.ts';

/** What happened to a row. */
export type ChangeKind = 'create' | 'update' | 'delete';

/** One change of one row. */
export interface Change {
  readonly kind: ChangeKind;
  readonly key: string;
}

/** What a client subscribes to. */
export interface RealtimeRequest {
  /** Only changes of this kind, without the existing rows. */
  readonly event?: ChangeKind | undefined;
  /** Only this row. */
  readonly item?: string | number | undefined;
  /** The parameters of a list, as JSON values or as the strings of a query string. */
  readonly query?: JsonObject | undefined;
}

/** How one subscription is served; valid for the viewer that it was made for. */
export interface RealtimePlan {
  /** The GraphQL subscription whose events are sent. */
  readonly subscription: Operation;
  /** The change in an event's data; undefined if this subscription does not select it. */
  readonly changeOf: (data: unknown) => Change | undefined;
  /**
   * Reads the existing rows. `keys` are those of the rows in the message, whose creation need not be sent again.
   * @param charge takes the price of the read from the points of the caller
   * @throws ServiceError for a query that the viewer may not run, also when only changes are sent.
   */
  readonly readInitial: (charge?: Charge) => Promise<{
    readonly message: { readonly data?: unknown; readonly meta?: unknown };
    readonly keys: Iterable<string>;
  }>;
  /**
   * The `data` of each message for changes of one kind, for the rows that match and are visible now.
   * @param keys distinct, in the order of the changes, at most `maxKeys`.
   */
  readonly framesOf: (kind: ChangeKind, keys: readonly string[]) => Promise<readonly unknown[]>;
  /** Maximum number of keys of one batch. */
  readonly maxKeys: number;
}

/** Makes plans for subscribers of one collection. */
export interface RealtimePlanner {
  /** The name of the collection on the wire. */
  readonly collection: string;
  /** @throws ServiceError for a query or key that is invalid or names a field the viewer may not see. */
  readonly plan: (request: RealtimeRequest, viewer: Viewer) => RealtimePlan;
}

/** Maximum number of rows read by one statement. */
const batchKeys = 1000;

export function createRealtimePlanner({
  operations,
  createContext,
  config: { limits },
}: Pick<Services, 'operations' | 'createContext' | 'config'>): RealtimePlanner {
  const resource = describeResource(operations.schema, 'notifications');
  const { collection } = resource;

  function plan({ event, item, query: parameters = {} }: RealtimeRequest, viewer: Viewer): RealtimePlan {
    const scope = { role: fieldAccess(viewer), limits } as const;
    const query = parseQuery(parameters, limits);
    const isAggregated = (query.aggregate ?? query.groupBy) !== undefined;
    const key = item === undefined ? undefined : keyOf(resource, item);
    const changesQuery = withoutPage(query);

    // Each read has its own context, because a context caches the rows that it loaded.
    const readerWith = (charge?: Charge): Runner => ({
      run: (operation) => operations.run<Data>(operation, createContext(viewer, { charge })),
    });
    const reader = readerWith();
    const rowsOf = (keys: readonly string[]) => prepareKeyed(resource, changesQuery, scope, keys).run(reader);
    const groupsOf = (keys: readonly string[]) => prepareList(resource, changesQuery, scope, keys).run(reader);

    async function readInitial(charge?: Charge) {
      const charged = readerWith(charge);
      if (event !== undefined) {
        // No rows are sent, but an invalid query is refused now and not at the first change.
        await (isAggregated ? groupsOf([]) : rowsOf([]));
        return { message: {}, keys: [] };
      }
      if (key !== undefined)
        return { message: await prepareItem(resource, query, scope, key).run(charged), keys: [key] };
      if (isAggregated) return { message: await prepareList(resource, query, scope).run(charged), keys: [] };
      const { rows, ...meta } = await prepareKeyed(resource, query, scope).run(charged);
      return { message: { data: [...rows.values()], ...meta }, keys: rows.keys() };
    }

    async function framesOf(kind: ChangeKind, keys: readonly string[]): Promise<readonly unknown[]> {
      if (kind === 'delete') return key === undefined ? [keys] : keys;
      if (isAggregated) return oneUnlessEmpty((await groupsOf(keys)).data);
      const { rows } = await rowsOf(keys);
      if (key !== undefined) return [...rows.values()];
      // Updated rows are sent as one message, created rows as one message each, in order of creation.
      if (kind === 'update') return oneUnlessEmpty([...rows.values()]);
      return keys.flatMap((each) => {
        const row = rows.get(each);
        return row ? [[row]] : [];
      });
    }

    return {
      subscription: { document: documentOf(collection), variables: { event } },
      changeOf(data) {
        // The document selects these fields.
        const { mutated } = data as { readonly mutated: Mutated | null };
        if (!mutated || (key !== undefined && mutated.key !== key)) return undefined;
        return { kind: mutated.event, key: mutated.key };
      },
      readInitial,
      framesOf,
      maxKeys: Math.min(batchKeys, limits.queryMax ?? batchKeys),
    };
  }

  return { collection, plan };
}

interface Mutated {
  readonly key: string;
  readonly event: ChangeKind;
}

/** The GraphQL subscription to a collection's changes: keys only, the rows are read with the client's query. */
export const documentOf = (collection: string) =>
  `subscription ($event: EventEnum) { mutated: ${collection}_mutated(event: $event) { event key } }`;

/** One message with these rows, or no message if there are none. */
function oneUnlessEmpty(data: unknown): readonly unknown[] {
  return Array.isArray(data) && data.length === 0 ? [] : [data];
}

/** Paging and `meta` apply to the initial rows only; paging of changes would drop some. */
function withoutPage({ limit: _limit, offset: _offset, page: _page, meta: _meta, ...query }: Query): Query {
  return query;
}
