import type { QueryScope } from './scope.ts';

/** PostgreSQL types that values are sent as. */
export type SqlType = 'bigint' | 'text' | 'uuid' | 'timestamptz' | 'boolean';

/** The place of one value in a statement; the value itself is no part of the statement's shape. */
export interface Slot {
  readonly kind: 'slot';
  readonly index: number;
  readonly type: SqlType | `${SqlType}[]`;
}

/** Another row that the statement needs, found by a key that is in a row of it or is given. */
export interface Join {
  readonly alias: string;
  readonly table: string;
  readonly primaryKey: string;
  readonly key: { readonly kind: 'column'; readonly alias: string; readonly column: string } | Slot;
  /** A row the viewer may not see counts as missing. */
  readonly visible: 'all' | 'none' | { readonly column: string; readonly viewer: Slot };
}

/**
 * A statement in the making: its values in order, the rows it joins, and a key that spells its shape.
 * Two drafts with the same key compile to the same SQL, so everything that decides the SQL must be marked.
 */
export interface Draft {
  readonly scope: QueryScope;
  readonly values: readonly unknown[];
  readonly joins: ReadonlyMap<string, Join>;
  /** Adds to the shape key. Only names known to the service, never what a caller wrote. */
  mark(part: string): void;
  /** Adds a value, and its place to the shape key. */
  bind(value: unknown, type: Slot['type']): Slot;
  /** Counts one condition of a filter, and answers how many there are by now. */
  countCondition(): number;
  /** Counts characters that a filter looks for whatever their case, and answers how many there are by now. */
  countFolded(characters: number): number;
  join(join: Join): void;
  /** The texts that an index of texts may be asked for. */
  readonly texts: ReadonlySet<string>;
  /** The keys of the rows that can hold the text, if the scope has them. The text is one of `texts` from then on. */
  candidates(text: string): Slot | undefined;
  /** Whether the plan is made anew for every run, as it depends on the values. */
  readonly isPlannedAnew: boolean;
  /**
   * Says that a text is looked for. How many rows have it decides between the index of texts and the order of the list,
   * and a plan that is made once for all texts takes it for frequent.
   */
  planAnew(): void;
  key(): string;
}

export function createDraft(scope: QueryScope): Draft {
  const values: unknown[] = [];
  const joins = new Map<string, Join>();
  let key = scope.collection.name;
  let conditions = 0;
  let isPlannedAnew = false;
  let folded = 0;
  const texts = new Set<string>();
  const bind: Draft['bind'] = (value, type) => {
    // Where values stand among what else there is decides the statement, as in `_between` with a field for one end.
    key += '?';
    return { kind: 'slot', index: values.push(value) - 1, type };
  };
  return {
    scope,
    values,
    joins,
    mark(part) {
      key += part;
    },
    bind,
    countCondition() {
      conditions += 1;
      return conditions;
    },
    countFolded(characters) {
      folded += characters;
      return folded;
    },
    join(join) {
      joins.set(join.alias, join);
    },
    texts,
    candidates(text) {
      texts.add(text);
      const keys = scope.candidates?.get(text);
      if (keys === undefined) return undefined;
      key += '≈';
      return bind(keys, 'bigint[]');
    },
    get isPlannedAnew() {
      return isPlannedAnew;
    },
    planAnew() {
      isPlannedAnew = true;
    },
    key: () => key,
  };
}
