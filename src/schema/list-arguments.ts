import type { ArgBuilder, InputRef } from '@pothos/core';
import { invalidPayload } from '../errors.ts';
import type { Filter } from '../query/filter-input.ts';
import type { BuilderTypes } from './builder.ts';

/** The arguments of every list: filter, order and page. */
export function listArguments(arg: ArgBuilder<BuilderTypes>, filter: InputRef<Filter>) {
  return {
    filter: arg({ type: filter }),
    sort: arg.stringList({
      required: { list: false, items: false },
      description:
        'Field names; a leading `-` sorts in descending order. Equal rows are sorted by their key, in the direction of the last field.',
    }),
    limit: arg.int({
      description:
        'Maximum number of rows; -1 for as many as `QUERY_LIMIT_MAX` allows. Default: `QUERY_LIMIT_DEFAULT`, which is 100.',
    }),
    offset: arg.int(),
    page: arg.int({ description: 'Page number, from 1. Takes precedence over `offset`.' }),
    search: arg.string({ description: 'Finds rows with this text in any text field, or with this key.' }),
  };
}

/** The items of a list that are not null; none for a null list. */
export function nonNullItems<Item>(items: readonly (Item | null | undefined)[] | null | undefined): Item[] {
  return (items ?? []).filter((item): item is Item => item !== null && item !== undefined);
}

/**
 * The change of an update: nullable, as documented by Directus, but required.
 * @throws ServiceError INVALID_PAYLOAD when it is missing.
 */
export function changeOf<Change>(data: Change | null | undefined): Change {
  if (data === null || data === undefined) throw invalidPayload('"data" must be an object');
  return data;
}
