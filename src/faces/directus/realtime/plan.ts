import { isAdmin, type Viewer } from '../../../auth/viewer.ts';
import type { Operation } from '../../../operations/operations.ts';
import type { Services } from '../../shared/services.ts';
import type { Data, Runner } from '../caller.ts';
import { type JsonObject, parseQuery, type Query } from '../query.ts';
import { prepareItem, prepareKeyed, prepareList } from '../reads.ts';
import { describeResource, keyOf } from '../resource.ts';

/** What happened to a row. */
export type ChangeKind = 'create' | 'update' | 'delete';

/** What happened to which row. */
export interface Change {
  readonly kind: ChangeKind;
  readonly key: string;
}

/** What somebody asks to be told of. */
export interface RealtimeRequest {
  /** Only changes of this kind, and not the rows there are. */
  readonly event?: ChangeKind | undefined;
  /** Only this row. */
  readonly item?: string | number | undefined;
  /** The parameters of a list, as JSON values or as the texts that an address would have. */
  readonly query?: JsonObject | undefined;
}

/** What one subscriber is to be told, for as long as the viewer it was made for stays the same. */
export interface RealtimePlan {
  /** The subscription of the schema whose events are told. */
  readonly subscription: Operation;
  /** Reads the data of an event; nothing for one that this subscriber did not ask for. */
  readonly changeOf: (data: unknown) => Change | undefined;
  /**
   * What there is now. `known` are the keys of the rows told of: of their creation there is no more to tell.
   * @throws ServiceError for a query that the viewer may not ask, also when only changes are told.
   */
  readonly begin: () => Promise<{
    readonly told: { readonly data?: unknown; readonly meta?: unknown };
    readonly known: Iterable<string>;
  }>;
  /**
   * What to tell of changes of one kind, one value for each message, of the rows that match and are visible now.
   * @param keys in the order of the changes, no more than `most` of them, none of them twice.
   */
  readonly tell: (kind: ChangeKind, keys: readonly string[]) => Promise<readonly unknown[]>;
  readonly most: number;
}

/** Makes plans for subscribers of one collection. */
export interface RealtimePlanner {
  /** The name of the collection on the wire. */
  readonly collection: string;
  /** @throws ServiceError for a query or a key that cannot be understood or names what the viewer may not see. */
  readonly plan: (request: RealtimeRequest, viewer: Viewer) => RealtimePlan;
}

/** Rows read again by one statement. */
const keysMax = 1000;

export function createRealtimePlanner({
  operations,
  createContext,
  config: { limits },
}: Pick<Services, 'operations' | 'createContext' | 'config'>): RealtimePlanner {
  const resource = describeResource(operations.schema, 'notifications');
  const { collection } = resource;

  function plan({ event, item, query: given = {} }: RealtimeRequest, viewer: Viewer): RealtimePlan {
    const scope = { role: isAdmin(viewer) ? 'admin' : 'member', limits } as const;
    const query = parseQuery(given, limits);
    const isAggregated = (query.aggregate ?? query.groupBy) !== undefined;
    const key = item === undefined ? undefined : keyOf(resource, item);
    const ofChanges = withoutPage(query);

    // Each read has a context of its own: what one has loaded, another must see anew.
    const reader: Runner = { run: (operation) => operations.run<Data>(operation, createContext(viewer)) };
    const rowsOf = (keys: readonly string[]) => prepareKeyed(resource, ofChanges, scope, keys).run(reader);
    const groupsOf = (keys: readonly string[]) => prepareList(resource, ofChanges, scope, keys).run(reader);

    async function begin() {
      if (event !== undefined) {
        // Nothing is told yet, but a query that cannot be asked is refused now and not at the first change.
        await (isAggregated ? groupsOf([]) : rowsOf([]));
        return { told: {}, known: [] };
      }
      if (key !== undefined) return { told: await prepareItem(resource, query, scope, key).run(reader), known: [key] };
      if (isAggregated) return { told: await prepareList(resource, query, scope).run(reader), known: [] };
      const { rows, ...meta } = await prepareKeyed(resource, query, scope).run(reader);
      return { told: { data: [...rows.values()], ...meta }, known: rows.keys() };
    }

    async function tell(kind: ChangeKind, keys: readonly string[]): Promise<readonly unknown[]> {
      if (kind === 'delete') return key === undefined ? [keys] : keys;
      if (isAggregated) return withoutNone((await groupsOf(keys)).data);
      const { rows } = await rowsOf(keys);
      if (key !== undefined) return [...rows.values()];
      // The rows of an update stay together, those of a create come one by one, as they were created.
      if (kind === 'update') return withoutNone([...rows.values()]);
      return keys.flatMap((each) => {
        const row = rows.get(each);
        return row ? [[row]] : [];
      });
    }

    return {
      subscription: { document: documentOf(collection), variables: { event } },
      changeOf(data) {
        // The document asks for this.
        const { mutated } = data as { readonly mutated: Mutated | null };
        if (!mutated || (key !== undefined && mutated.key !== key)) return undefined;
        return { kind: mutated.event, key: mutated.key };
      },
      begin,
      tell,
      most: Math.min(keysMax, limits.queryMax ?? keysMax),
    };
  }

  return { collection, plan };
}

interface Mutated {
  readonly key: string;
  readonly event: ChangeKind;
}

/** The subscription to the changes of a collection: they are read with the subscriber's query afterwards. */
export const documentOf = (collection: string) =>
  `subscription ($event: EventEnum) { mutated: ${collection}_mutated(event: $event) { event key } }`;

/** A message with nothing in it is none. */
function withoutNone(told: unknown): readonly unknown[] {
  return Array.isArray(told) && told.length === 0 ? [] : [told];
}

/** A page is of what there is at the beginning; of changes it would only leave some out. */
function withoutPage({ limit: _limit, offset: _offset, page: _page, meta: _meta, ...query }: Query): Query {
  return query;
}
