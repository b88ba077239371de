import type { QueryScope } from './scope.ts';

/** PostgreSQL types of parameters. */
export type SqlType = 'bigint' | 'text' | 'uuid' | 'timestamptz' | 'boolean';

/** The position of one value in a statement; the value is not part of the statement's shape. */
export interface Slot {
  readonly kind: 'slot';
  readonly index: number;
  readonly type: SqlType | `${SqlType}[]`;
}

/** A joined row, found by a key of another row or by a given key. */
export interface Join {
  readonly alias: string;
  readonly table: string;
  readonly primaryKey: string;
  readonly key: { readonly kind: 'column'; readonly alias: string; readonly column: string } | Slot;
  /** A row that the viewer may not see is treated as missing. */
  readonly visible: 'all' | 'none' | { readonly column: string; readonly viewer: Slot };
}

/**
 * A statement under construction: its values in order, its joins, and the key of its shape. Drafts with equal keys
 * compile to the same SQL, so everything that affects the SQL must be marked.
 */
export interface Draft {
  readonly scope: QueryScope;
  readonly values: readonly unknown[];
  readonly joins: ReadonlyMap<string, Join>;
  /** Appends to the key of the shape. Pass only names that are known to the service, never text from a caller. */
  mark(part: string): void;
  /** Adds a value, and marks its position in the key of the shape. */
  bind(value: unknown, type: Slot['type']): Slot;
  /** Counts one condition of a filter and returns the total so far. */
  countCondition(): number;
  /** Counts characters of case-insensitive texts in a filter and returns the total so far. */
  countFolded(characters: number): number;
  join(join: Join): void;
  /** Texts that can be looked up in the text index. */
  readonly texts: ReadonlySet<string>;
  /** The candidate keys of a text, if the scope has them. Adds the text to `texts`. */
  candidates(text: string): Slot | undefined;
  /** Whether the statement is planned anew for each run, because the plan depends on the values. */
  readonly isPlannedAnew: boolean;
  /**
   * Declares that a text is searched. The best plan depends on the frequency of the text: it uses either the text index
   * or the order of the list. A generic plan always assumes a frequent text.
   */
  avoidGenericPlan(): void;
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
    // The position of values among other parts affects the SQL, for example in a `_between` with a field as one end.
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
    avoidGenericPlan() {
      isPlannedAnew = true;
    },
    key: () => key,
  };
}
