import { forbiddenField, invalidQuery, ServiceError } from '../errors.ts';
import { comparison } from './compare.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import { dateFunction } from './functions.ts';
import { isRecord, membersOf } from './lists.ts';
import { follow, operand, type Place, readableField, rootPlace, type Target, target, tooDeep } from './operand.ts';

/** How deep filters may be nested, whatever their fields: far beyond use, and far below the end of any stack. */
const nestingMax = 100;

/**
 * The condition a filter stands for; undefined when it asks for nothing.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for everything else that is wrong.
 */
export function parseFilter(draft: Draft, filter: unknown): Condition | undefined {
  if (filter === null || filter === undefined) return undefined;
  try {
    return parseObject({ draft, place: rootPlace(draft.scope.collection), nesting: 0 }, filter);
  } catch (error) {
    // A name so deep that it may not be asked for is that first, and unknown only second.
    const denied = error instanceof ServiceError && error.code === 'FORBIDDEN';
    if (denied && isDeeper(filter, draft.scope.limits.relationalDepth)) throw tooDeep(draft.scope);
    throw error;
  }
}

/** Where in the filter we are. */
interface Spot {
  readonly draft: Draft;
  readonly place: Place;
  readonly nesting: number;
}

function deeper(spot: Spot, place: Place = spot.place): Spot {
  const nesting = spot.nesting + 1;
  if (nesting > nestingMax) throw invalidQuery(`"filter" may be nested at most ${nestingMax} levels deep`);
  return { draft: spot.draft, place, nesting };
}

/** An object of conditions on the fields of one place, all of which must hold. */
function parseObject(spot: Spot, object: unknown): Condition | undefined {
  const name = spot.place.collection.name;
  if (!isRecord(object)) throw invalidQuery(`"filter" takes objects of conditions on "${name}"`);
  return every(spot, object, (key, value) => parseMember(spot, key, value));
}

function parseMember(spot: Spot, key: string, value: unknown): Condition | undefined {
  const { draft, place } = spot;
  if (isGroup(key)) return parseGroup(spot, key, value, parseObject);
  if (key.startsWith('_')) throw invalidQuery(`"${key}" is not a filter key of "${place.collection.name}"`);
  if (key.endsWith('_func') && !place.collection.fields.has(key)) {
    return parseFunctions(spot, readableField(draft.scope, place, key.slice(0, -'_func'.length)).name, value);
  }
  return parseField(spot, target(draft.scope, place, key), value);
}

/** What is asked of one field: operators, for a relation also fields of the related row, or just a value it equals. */
function parseField(spot: Spot, field: Target, value: unknown): Condition | undefined {
  const { draft } = spot;
  if (!isRecord(value)) return comparison(draft, operand(draft, field), '_eq', value);
  return every(spot, value, (key, given) => {
    if (isGroup(key)) return parseGroup(spot, key, given, (inner, member) => parseField(inner, field, member));
    if (key === '_some' || key === '_none') {
      throw invalidQuery(`"${key}" asks about many rows, and "${field.field.name}" leads to one`);
    }
    if (key.startsWith('_')) return comparison(draft, operand(draft, field), key, given);
    return parseMember(deeper(spot, placeBehind(spot, field, key)), key, given);
  });
}

function placeBehind({ draft }: Spot, { place, field, call }: Target, name: string): Place {
  const { scope } = draft;
  if (field.relation && !call) return follow(scope, place, field, scope[field.relation]);
  throw forbiddenField(place.collection.name, `${field.name}.${name}`, place.path.join('.') || undefined);
}

/** `timestamp_func: { year: … }`, which is how GraphQL spells `year(timestamp)`. */
function parseFunctions(spot: Spot, name: string, value: unknown): Condition | undefined {
  if (value === null) return undefined;
  if (!isRecord(value)) throw invalidQuery(`"${name}_func" takes an object of date functions`);
  return every(spot, value, (key, given) => {
    if (isGroup(key)) return parseGroup(spot, key, given, (inner, member) => parseFunctions(inner, name, member));
    const field = readableField(spot.draft.scope, spot.place, name);
    return parseField(spot, { place: spot.place, field, call: dateFunction(key, field) }, given);
  });
}

function isGroup(key: string): key is '_and' | '_or' {
  return key === '_and' || key === '_or';
}

/** A list of alternatives or requirements. What asks for nothing is left out; an empty object disables an `_or`. */
function parseGroup(
  spot: Spot,
  key: '_and' | '_or',
  value: unknown,
  parse: (spot: Spot, member: unknown) => Condition | undefined,
): Condition | undefined {
  if (value === null) return undefined;
  const members = membersOf(value);
  if (!members) throw invalidQuery(`"${key}" takes a list of conditions`);
  const inner = deeper(spot);
  const conditions: Condition[] = [];
  let isDisabled = false;
  spot.draft.mark(key);
  spot.draft.mark('[');
  for (const member of members) {
    if (member === null || member === undefined) continue;
    if (key === '_or' && isRecord(member) && Object.keys(member).length === 0) isDisabled = true;
    const condition = parse(inner, member);
    if (condition) conditions.push(condition);
    spot.draft.mark(',');
  }
  spot.draft.mark(isDisabled ? '/]' : ']');
  if (isDisabled) return undefined;
  return key === '_and' ? allOf(conditions) : anyOf(conditions);
}

function every(
  { draft }: Spot,
  object: Readonly<Record<string, unknown>>,
  parse: (key: string, value: unknown) => Condition | undefined,
): Condition | undefined {
  const conditions: Condition[] = [];
  draft.mark('{');
  for (const key of Object.keys(object)) {
    if (object[key] === undefined) continue;
    const condition = parse(key, object[key]);
    if (condition) conditions.push(condition);
  }
  draft.mark('}');
  return allOf(conditions);
}

/** Whether fields are nested deeper than `max`. Keeps its own stack, as nothing limits what is asked here. */
function isDeeper(filter: unknown, max: number): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: filter, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > max) return true;
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [key, value] of Object.entries(next.value)) {
      open.push({ value, depth: /^(_.*|\d+)$/.test(key) ? next.depth : next.depth + 1 });
    }
  }
  return false;
}
