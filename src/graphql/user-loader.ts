import DataLoader from 'dataloader';
import type { Context } from '../context.ts';
import type { ListArguments } from '../query/list.ts';
import { type UserRecord, usersByKey } from '../users/read.ts';

/** Reads the users that rows point at: all of one list and the same arguments in one query. */
export interface UserLoader {
  /** Null where the caller may not see the user or it does not match the arguments. */
  load(id: string, args: ListArguments): Promise<UserRecord | null>;
}

/** A loader for one request. It batches and does not cache: a subscription lives long and must not see old rows. */
export function createUserLoader(context: Context): UserLoader {
  // Made when it is needed: a subscription that waits has none.
  let loaders: Map<string, DataLoader<string, UserRecord | null>> | undefined;

  function loaderFor(args: ListArguments): DataLoader<string, UserRecord | null> {
    loaders ??= new Map();
    const shape = JSON.stringify(args);
    const known = loaders.get(shape);
    if (known) return known;
    const loader = new DataLoader<string, UserRecord | null>(
      async (keys) => {
        const users = await usersByKey(context, [...new Set(keys)], args);
        return keys.map((key) => users.get(key) ?? null);
      },
      { cache: false },
    );
    loaders.set(shape, loader);
    return loader;
  }

  return { load: (id, args) => loaderFor(args).load(id) };
}
