import { coerceInputValue, isInputObjectType } from 'graphql';
import { ServiceError } from '../../src/errors.ts';
import { toGraphQLFilter } from '../../src/faces/directus/to-graphql-filter.ts';
import type { Filter } from '../../src/query/filter-input.ts';
import type { ListArguments } from '../../src/query/list.ts';
import { schema } from '../../src/schema/schema.ts';

/**
 * Converts a filter as written by a caller to the filter that `query/` receives. It is parsed as a REST filter, or if
 * that fails, as a GraphQL filter.
 * @throws ServiceError the error for a REST caller, if both fail.
 */
export function toQueryFilter(filter: unknown, collection = 'directus_notifications'): Filter | null | undefined {
  if (filter === null || filter === undefined) return filter;
  const type = schema.getType(`${collection}_filter`);
  if (!isInputObjectType(type)) throw new Error(`There is no filter of ${collection}.`);
  // Every value that the input type accepts has the type Filter.
  const coerced = (value: unknown) => coerceInputValue(value, type) as Filter;
  try {
    return coerced(toGraphQLFilter(filter, type) ?? {});
  } catch (refused) {
    if (!(refused instanceof ServiceError)) throw refused;
    try {
      return coerced(filter);
    } catch {
      throw refused;
    }
  }
}

/** Arguments with a filter in any spelling. */
export type Spelled = Omit<ListArguments, 'filter'> & { readonly filter?: unknown };

/** Converts arguments to those that `query/` receives. @throws ServiceError like `toQueryFilter` */
export function toListArguments({ filter, ...args }: Spelled): ListArguments {
  return { ...args, filter: toQueryFilter(filter) };
}
