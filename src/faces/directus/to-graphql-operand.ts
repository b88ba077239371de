import { type GraphQLInputObjectType, type GraphQLLeafType, getNamedType, isLeafType, isListType } from 'graphql';
import { invalidQuery } from '../../errors.ts';
import { isStorable } from '../../values.ts';
import { isObject } from './query.ts';

/** A filter in the form of the schema's filter inputs. */
export type GraphQLFilter = Readonly<Record<string, unknown>>;

/** One use of an operator. `type` is the input that lists the operators of the field. */
export interface Comparison {
  readonly field: string;
  readonly type: GraphQLInputObjectType;
  readonly operator: string;
}

/** Operators with a boolean value; an empty string counts as true. */
const flags: ReadonlySet<string> = new Set(['_null', '_nnull', '_empty', '_nempty']);
/** Comparing with null becomes another operator. */
const nullOperators: Readonly<Record<string, string>> = { _eq: '_null', _neq: '_nnull' };
/** Values that a query string can only express as text. */
const natives: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NULL', null],
]);

/**
 * Converts the value of an operator to the type that the schema requires, from the forms that a query string allows:
 * text, comma-separated text, and lists written as objects.
 * @throws ServiceError `INVALID_QUERY` naming the operator and the field.
 */
export function operandOf(comparison: Comparison, value: unknown): GraphQLFilter {
  const { type, operator } = comparison;
  const fields = type.getFields();
  const input = Object.hasOwn(fields, operator) ? fields[operator] : undefined;
  if (input === undefined) throw fault(comparison, 'is not an operator of the field');
  const leaf = getNamedType(input.type);
  if (!isLeafType(leaf)) throw fault(comparison, 'is not an operator of the field');
  if (isListType(input.type)) return { [operator]: list(comparison, leaf, value) };
  const single = flags.has(operator) && value === '' ? true : scalar(comparison, leaf, value);
  if (single !== null) return { [operator]: single };
  const nullOperator = nullOperators[operator];
  if (nullOperator !== undefined && Object.hasOwn(fields, nullOperator)) return { [nullOperator]: true };
  throw fault(comparison, 'does not take null for the field');
}

/** The items of a list, or of an object with numeric keys, as query strings write lists; undefined for other values. */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^\d+$/.test(key)) ? Object.values(value) : undefined;
}

function list(comparison: Comparison, leaf: GraphQLLeafType, value: unknown): unknown[] {
  const items = typeof value === 'string' ? value.split(',').filter((item) => item !== '') : itemsOf(value);
  if (items === undefined || items.length === 0)
    throw fault(comparison, 'needs a list that is not empty for the field');
  return items.map((item) => scalar(comparison, leaf, item));
}

function scalar(comparison: Comparison, leaf: GraphQLLeafType, value: unknown): unknown {
  const native = natives.has(value) ? natives.get(value) : value;
  if (native === null) return null;
  if (typeof native === 'string' && !isStorable(native))
    throw fault(comparison, 'contains NUL or an unpaired surrogate for the field');
  if (native === '') throw fault(comparison, 'does not take an empty string (use _empty) for the field');
  const candidates = typeof native === 'string' ? [native] : [native, textOf(leaf, native)];
  const fitting = candidates.find((candidate) => fits(leaf, candidate));
  if (fitting === undefined) throw fault(comparison, 'cannot take this value for the field');
  return fitting;
}

/** Numbers are accepted for text. The key of a user may be an object such as `{ external_id: … }`: its text is JSON. */
function textOf(leaf: GraphQLLeafType, value: unknown): unknown {
  if (typeof value !== 'object') return String(value);
  return leaf.name === 'ID' && !Array.isArray(value) ? JSON.stringify(value) : value;
}

function fits(leaf: GraphQLLeafType, value: unknown): boolean {
  try {
    leaf.parseValue(value);
    return true;
  } catch {
    return false;
  }
}

function fault({ field, operator }: Comparison, what: string): Error {
  return invalidQuery(`"${operator}" ${what} "${field}"`);
}
