import DataLoader from 'dataloader';
import type { Context } from '../context.ts';
import type { ListArguments } from '../query/list.ts';
import { type UserRecord, usersByKey } from '../users/read.ts';

/** Reads the users that rows point at: those of one list, with the same arguments and columns, in one statement. */
export interface UserLoader {
  /** Null where the caller may not see the user or it does not match the arguments. Only these columns are read. */
  load(id: string, args: ListArguments, columns: readonly string[]): Promise<UserRecord | null>;
}

/** A loader for one request. It batches and does not cache: a subscription lives long and must not see old rows. */
export function createUserLoader(context: Context): UserLoader {
  // Made when it is needed: a subscription that waits has none.
  let loaders: Map<string, DataLoader<string, UserRecord | null>> | undefined;

  function loaderFor(args: ListArguments, columns: readonly string[]): DataLoader<string, UserRecord | null> {
    loaders ??= new Map();
    const shape = `${columns.join()} ${JSON.stringify(args)}`;
    const known = loaders.get(shape);
    if (known) return known;
    const loader = new DataLoader<string, UserRecord | null>(
      async (keys) => {
        const users = await usersByKey(context, [...new Set(keys)], args, columns);
        return keys.map((key) => users.get(key) ?? null);
      },
      { cache: false },
    );
    loaders.set(shape, loader);
    return loader;
  }

  return { load: (id, args, columns) => loaderFor(args, columns).load(id) };
}
