import { checkFilterDepth } from '../checks.ts';
import { comparison } from './compare.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import type { Filter, FilterValue } from './filter-input.ts';
import { dateFunction } from './functions.ts';
import { follow, operand, type Place, readableField, rootPlace, type Target } from './operand.ts';

/**
 * The condition a filter stands for; undefined when it asks for nothing.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for an operator that the field does not
 * take, for a value that is not of its type, and for more than one statement may hold.
 */
export function parseFilter(draft: Draft, filter: Filter | null | undefined): Condition | undefined {
  if (filter === null || filter === undefined) return undefined;
  return parseObject({ draft, place: rootPlace(draft.scope.collection), depth: 0 }, filter);
}

/** Where in the filter we are. */
interface Spot {
  readonly draft: Draft;
  readonly place: Place;
  readonly depth: number;
}

function deeper({ draft, place, depth }: Spot, next = place): Spot {
  checkFilterDepth(depth + 1);
  return { draft, place: next, depth: depth + 1 };
}

/** Conditions on the fields of one place, all of which must hold. */
function parseObject(spot: Spot, filter: Filter): Condition | undefined {
  return every(spot.draft, filter, (key, value) => parseMember(spot, key, value));
}

// The casts below rely on the schema, which has checked the value of each key.

function parseMember(spot: Spot, key: string, value: FilterValue): Condition | undefined {
  const { draft, place } = spot;
  if (key === '_and' || key === '_or') return parseGroup(spot, key, value as readonly (Filter | null)[] | null);
  if (key.endsWith('_func') && !place.collection.fields.has(key)) {
    return parseFunctions(spot, key.slice(0, -'_func'.length), value as Filter | null);
  }
  const field = readableField(draft.scope, place, key);
  if (value !== null && field.relation) {
    return parseObject(deeper(spot, follow(draft.scope, place, field, draft.scope[field.relation])), value as Filter);
  }
  return parseOperators(draft, { place, field, call: undefined }, value as Filter | null);
}

/** What is asked of one value; null for "it is null". */
function parseOperators(draft: Draft, target: Target, operators: Filter | null): Condition | undefined {
  if (operators === null) return comparison(draft, operand(draft, target), '_eq', null);
  return every(draft, operators, (operator, value) => comparison(draft, operand(draft, target), operator, value));
}

/** `timestamp_func: { year: … }` */
function parseFunctions({ draft, place }: Spot, name: string, functions: Filter | null): Condition | undefined {
  const field = readableField(draft.scope, place, name);
  if (functions === null) return undefined;
  return every(draft, functions, (key, operators) =>
    parseOperators(draft, { place, field, call: dateFunction(key, field) }, operators as Filter | null),
  );
}

/** A list of alternatives or requirements. What asks for nothing is left out; an empty object disables an `_or`. */
function parseGroup(
  spot: Spot,
  key: '_and' | '_or',
  members: readonly (Filter | null)[] | null,
): Condition | undefined {
  if (members === null) return undefined;
  const { draft } = spot;
  const inner = deeper(spot);
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
