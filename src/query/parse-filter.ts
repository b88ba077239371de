import { checkFilterDepth } from '../checks.ts';
import { comparison } from './compare.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import type { Filter, FilterValue } from './filter-input.ts';
import { dateFunction } from './functions.ts';
import { follow, operand, readableField, rootTable, type TableRef, type Target } from './resolve-field.ts';

/**
 * The condition of a filter; undefined if it does not restrict the rows.
 * @throws ServiceError FORBIDDEN for unknown and denied fields; INVALID_QUERY for an operator that the field does not
 * support, an invalid value, and more conditions than a statement may have.
 */
export function parseFilter(draft: Draft, filter: Filter | null | undefined): Condition | undefined {
  if (filter === null || filter === undefined) return undefined;
  return parseObject({ draft, table: rootTable(draft.scope.collection), depth: 0 }, filter);
}

/** The current position in the filter. */
interface FilterPosition {
  readonly draft: Draft;
  readonly table: TableRef;
  readonly depth: number;
}

function deeper({ draft, table, depth }: FilterPosition, next = table): FilterPosition {
  checkFilterDepth(depth + 1);
  return { draft, table: next, depth: depth + 1 };
}

/** Parses conditions on the fields of one table, which must all hold. */
function parseObject(position: FilterPosition, filter: Filter): Condition | undefined {
  return every(position.draft, filter, (key, value) => parseMember(position, key, value));
}

// The casts below rely on the schema, which has validated the value of each key.

function parseMember(position: FilterPosition, key: string, value: FilterValue): Condition | undefined {
  const { draft, table } = position;
  if (key === '_and' || key === '_or') return parseGroup(position, key, value as readonly (Filter | null)[] | null);
  if (key.endsWith('_func') && !table.collection.fields.has(key)) {
    return parseFunctions(position, key.slice(0, -'_func'.length), value as Filter | null);
  }
  const field = readableField(draft.scope, table, key);
  if (value !== null && field.relation) {
    return parseObject(
      deeper(position, follow(draft.scope, table, field, draft.scope[field.relation])),
      value as Filter,
    );
  }
  return parseOperators(draft, { table, field, call: undefined }, value as Filter | null);
}

/** Parses the operators on one value; null means "is null". */
function parseOperators(draft: Draft, target: Target, operators: Filter | null): Condition | undefined {
  if (operators === null) return comparison(draft, operand(draft, target), '_eq', null);
  return every(draft, operators, (operator, value) => comparison(draft, operand(draft, target), operator, value));
}

/** Parses the date functions of a field, such as `timestamp_func: { year: … }`. */
function parseFunctions(
  { draft, table }: FilterPosition,
  name: string,
  functions: Filter | null,
): Condition | undefined {
  const field = readableField(draft.scope, table, name);
  if (functions === null) return undefined;
  return every(draft, functions, (key, operators) =>
    parseOperators(draft, { table, field, call: dateFunction(key, field) }, operators as Filter | null),
  );
}

/** Parses an `_and` or `_or`. Members without conditions are left out; an empty object disables an `_or`. */
function parseGroup(
  position: FilterPosition,
  key: '_and' | '_or',
  members: readonly (Filter | null)[] | null,
): Condition | undefined {
  if (members === null) return undefined;
  const { draft } = position;
  const inner = deeper(position);
  const conditions: Condition[] = [];
  let isDisabled = false;
  draft.mark(key);
  draft.mark('[');
  for (const member of members) {
    if (member === null) continue;
    if (key === '_or' && Object.keys(member).length === 0) isDisabled = true;
    const condition = parseObject(inner, member);
    if (condition) conditions.push(condition);
    draft.mark(',');
  }
  draft.mark(isDisabled ? '/]' : ']');
  if (isDisabled) return undefined;
  return key === '_and' ? allOf(conditions) : anyOf(conditions);
}

function every(
  draft: Draft,
  object: Filter,
  parse: (key: string, value: FilterValue) => Condition | undefined,
): Condition | undefined {
  const conditions: Condition[] = [];
  draft.mark('{');
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const condition = parse(key, value);
    if (condition) conditions.push(condition);
  }
  draft.mark('}');
  return allOf(conditions);
}
