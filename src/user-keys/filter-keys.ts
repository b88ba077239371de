import { invalidQuery } from '../errors.ts';
import { coerce } from '../query/coerce.ts';
import type { Collection } from '../query/collection.ts';
import type { Filter, FilterValue } from '../query/filter-input.ts';
import type { ListArguments, QueryScope } from '../query/scope.ts';
import { findUsers } from './find-users.ts';
import type { UserKeyMethods } from './sql/methods.ts';

/** Operators whose values name users when they are applied to the key of a user. */
const naming: ReadonlySet<string> = new Set(['_eq', '_neq', '_in', '_nin']);

/**
 * Replaces keys of users in the filter by ids: in `recipient: { id: { _eq: "alice" } }`, and likewise for senders and
 * for lists of users. Without such keys the arguments are returned as they are, and no statement runs.
 * @throws ServiceError INVALID_QUERY for a text that names two users. A text that names nobody stays; it is refused
 * later, because it is not a UUID.
 */
export async function withUserIdsInFilter<Args extends Pick<ListArguments, 'filter'>>(
  prisma: UserKeyMethods,
  scope: QueryScope,
  args: Args,
): Promise<Args> {
  if (args.filter === null || args.filter === undefined) return args;
  const keys = new Set<string>();
  const place = { scope, collection: scope.collection, depth: 0 };
  replaceKeys(place, args.filter, (key) => {
    keys.add(key);
    return key;
  });
  if (keys.size === 0) return args;
  const visibility = scope.users.visibility(scope.viewer);
  const only = visibility.kind === 'all' || scope.viewer.kind === 'anonymous' ? null : scope.viewer.id;
  const found = await findUsers(prisma, keys, { ambiguous: (reason) => invalidQuery(reason), only });
  return { ...args, filter: replaceKeys(place, args.filter, (key) => found.get(key) ?? key) };
}

/** A position in a filter. */
interface Place {
  readonly scope: QueryScope;
  readonly collection: Collection;
  readonly depth: number;
}

type Replace = (key: string) => string;

/** Deeper filters are refused when the statement is built. */
const deepest = 250;

function replaceKeys(place: Place, filter: Filter, replace: Replace): Filter {
  if (place.depth > deepest) return filter;
  const entries = Object.entries(filter).map(
    ([name, value]) => [name, replaceIn(place, name, value, replace)] as const,
  );
  return Object.fromEntries(entries);
}

function replaceIn(
  place: Place,
  name: string,
  value: FilterValue | undefined,
  replace: Replace,
): FilterValue | undefined {
  if (typeof value !== 'object' || value === null) return value;
  const deeper = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) {
    if (name !== '_and' && name !== '_or') return value;
    return value.map((part) => (isFilter(part) ? replaceKeys(deeper, part, replace) : part));
  }
  const { scope, collection } = place;
  const field = collection.fields.get(name);
  // The cast is safe: the value is an object, and not a list.
  const inner = value as Filter;
  if (field?.relation !== undefined) return replaceKeys({ ...deeper, collection: scope.users }, inner, replace);
  return collection === scope.users && name === collection.primaryKey ? replaceOperands(inner, replace) : value;
}

function replaceOperands(operators: Filter, replace: Replace): Filter {
  const one = <Value>(value: Value) => (isKey(value) ? replace(value) : value);
  const entries = Object.entries(operators).map(([operator, value]): [string, FilterValue | undefined] => {
    if (!naming.has(operator)) return [operator, value];
    return [operator, Array.isArray(value) ? value.map(one) : one(value)];
  });
  return Object.fromEntries(entries);
}

/** Whether the value is a text other than a UUID and a variable such as `$CURRENT_USER`. */
function isKey(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.startsWith('$')) return false;
  return value.toLowerCase() !== 'null' && coerce('uuid', value) === undefined;
}

function isFilter(part: unknown): part is Filter {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}
