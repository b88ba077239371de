import { sql } from 'kysely';
import { invalidQuery } from '../errors.ts';
import type { FieldType } from './collection.ts';
import { type Piece, readOperand } from './compile.ts';
import type { Draft } from './draft.ts';
import { type Operand, operand, rootTable, target } from './resolve-field.ts';

export type AggregateOperation =
  | 'count'
  | 'countDistinct'
  | 'sum'
  | 'sumDistinct'
  | 'avg'
  | 'avgDistinct'
  | 'min'
  | 'max';

/** What to compute over which groups; without `groupBy` all rows are one group. */
export interface AggregateRequest {
  readonly groupBy: readonly string[];
  /** `field` is `*` only for `count`. */
  readonly aggregates: readonly { readonly operation: AggregateOperation; readonly field: string }[];
}

/** One aggregate; without an operand it counts the rows. */
export interface Measure {
  /** `operation.field`. */
  readonly name: string;
  readonly operation: AggregateOperation;
  readonly operand: Operand | undefined;
}

interface Meaning {
  readonly call: 'count' | 'sum' | 'avg' | 'min' | 'max';
  readonly isDistinct: boolean;
  readonly types: readonly FieldType[];
}

const anyType: readonly FieldType[] = ['integer', 'string', 'uuid', 'timestamp', 'boolean'];

const meanings: Readonly<Record<AggregateOperation, Meaning>> = {
  // The number of users with a password may be revealed; the number of distinct hashes may not.
  count: { call: 'count', isDistinct: false, types: [...anyType, 'hash'] },
  countDistinct: { call: 'count', isDistinct: true, types: anyType },
  sum: { call: 'sum', isDistinct: false, types: ['integer'] },
  sumDistinct: { call: 'sum', isDistinct: true, types: ['integer'] },
  avg: { call: 'avg', isDistinct: false, types: ['integer'] },
  avgDistinct: { call: 'avg', isDistinct: true, types: ['integer'] },
  min: { call: 'min', isDistinct: false, types: ['integer', 'timestamp'] },
  max: { call: 'max', isDistinct: false, types: ['integer', 'timestamp'] },
};

export function isOperation(name: string): name is AggregateOperation {
  return Object.hasOwn(meanings, name);
}

/**
 * Parses one aggregate.
 * @throws ServiceError FORBIDDEN for an unknown or denied field, INVALID_QUERY for an operation that is unknown or does
 * not apply to the field.
 */
export function parseMeasure(draft: Draft, operation: string, name: string): Measure {
  if (!isOperation(operation)) throw invalidQuery(`there is no aggregate function "${operation}"`);
  draft.mark(`;${operation}`);
  if (name === '*') {
    if (operation !== 'count') throw invalidQuery(`the aggregate function "${operation}" takes a field`);
    return { name: 'count.*', operation, operand: undefined };
  }
  const { scope } = draft;
  if (name.includes('.')) throw invalidQuery(`"${operation}" takes fields of "${scope.collection.name}" only`);
  const measured = operand(draft, target(scope, rootTable(scope.collection), name));
  if (!meanings[operation].types.includes(measured.type)) {
    throw invalidQuery(`the aggregate function "${operation}" does not apply to "${name}"`);
  }
  draft.mark(` ${measured.key}`);
  return { name: `${operation}.${name}`, operation, operand: measured };
}

/** The SQL of a measure, without conversion to text, so that it sorts by value. */
export function compileMeasure({ operation, operand: measured }: Measure): Piece {
  if (!measured) return sql`count(*)`;
  const { call, isDistinct } = meanings[operation];
  return sql`${sql.raw(call)}(${sql.raw(isDistinct ? 'distinct ' : '')}${readOperand(measured)})`;
}

/** The SQL of a measure in the result: exact numbers as text, minimum and maximum as they are. */
export function selectMeasure(measure: Measure): Piece {
  const piece = compileMeasure(measure);
  return measure.operation === 'min' || measure.operation === 'max' ? piece : sql`${piece}::text`;
}
