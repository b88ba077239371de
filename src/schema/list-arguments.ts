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
        'Field names, `-` before one for descending. The key is added last, in the direction of the last name.',
    }),
    limit: arg.int({ description: 'Most rows; -1 for all. 100 when not given, unless configured otherwise.' }),
    offset: arg.int(),
    page: arg.int({ description: 'Counts from 1 and wins over `offset`.' }),
    search: arg.string({ description: 'Text that any text field holds, or a key.' }),
  };
}

/** The given items of a list: a null list or item counts as not given. */
export function given<Item>(items: readonly (Item | null | undefined)[] | null | undefined): Item[] {
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
