import DataLoader from 'dataloader';
import type { ListArguments } from '../query/list.ts';
import type { UserContext } from '../users/context.ts';
import { type UserRecord, usersByKey } from '../users/read.ts';

/** Loads the users that rows reference: those of one list with the same arguments and columns, in one statement. */
export interface UserLoader {
  /**
   * The user that a row references; synchronous if it was read with the list. Null if the viewer may not see the user
   * or it does not match the arguments. Only these columns are read.
   */
  load(row: object, id: string, args: ListArguments, columns: readonly string[]): MaybePromise<UserRecord | null>;
  /** Reads the users of all rows of a list in advance, which saves a promise per row. */
  prime<Row extends object>(rows: readonly Row[], wanted: readonly WantedUsers<Row>[]): Promise<void>;
}

type MaybePromise<Value> = Value | Promise<Value>;

/** Users that will be loaded without arguments, with exactly this array of columns. */
export interface WantedUsers<Row> {
  readonly idOf: (row: Row) => string | null;
  readonly columns: readonly string[];
}

/** For each array of columns that was read, the users by id. */
type Primed = Map<readonly string[], ReadonlyMap<string, UserRecord>>;

/** A loader for one request. It batches but does not cache: subscriptions last long and must not return old rows. */
export function createUserLoader(context: UserContext): UserLoader {
  // Created on demand: an idle subscription has none.
  let loaders: Map<string, DataLoader<string, UserRecord | null>> | undefined;
  let primedRows: WeakMap<object, Primed> | undefined;

  function loaderFor(args: ListArguments, columns: readonly string[]): DataLoader<string, UserRecord | null> {
    loaders ??= new Map();
    const shape = `${columns.join()} ${JSON.stringify(args)}`;
    const cached = loaders.get(shape);
    if (cached) return cached;
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

  return {
    load(row, id, args, columns) {
      const users = primedRows?.get(row)?.get(columns);
      return users ? (users.get(id) ?? null) : loaderFor(args, columns).load(id);
    },
    async prime(rows, wanted) {
      if (rows.length === 0) return;
      const primed: Primed = new Map();
      for (const one of wanted) {
        // Sender and recipient with the same fields share one statement.
        const same = wanted.filter(({ columns }) => columns.join() === one.columns.join());
        if (same[0] !== one) continue;
        const ids = new Set(rows.flatMap((row) => same.map(({ idOf }) => idOf(row))));
        ids.delete(null);
        const users = await usersByKey(context, [...ids] as string[], {}, one.columns);
        for (const { columns } of same) primed.set(columns, users);
      }
      primedRows ??= new WeakMap();
      for (const row of rows) primedRows.set(row, primed);
    },
  };
}
