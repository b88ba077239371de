import type { Database, Queryable } from '../../src/database/database.ts';

/** Resolves when a session of this database waits for another's lock. */
export async function somebodyWaits(db: Queryable): Promise<void> {
  for (;;) {
    const waiting = await db.query({
      text: `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      values: [],
    });
    if (waiting.length > 0) return;
  }
}

/**
 * Runs `work` in a transaction, and starts `write` while it is open. Once `write` waits for a lock, runs `meanwhile`
 * and commits the transaction.
 */
export async function duringOpenTransaction<Result>(
  db: Database,
  work: (transaction: Queryable) => Promise<unknown>,
  write: () => Promise<Result>,
  meanwhile?: (transaction: Queryable) => Promise<unknown>,
): Promise<Result> {
  let written: Promise<Result> | undefined;
  await db.transaction(async (transaction) => {
    await work(transaction);
    written = write();
    // The caller awaits the promise after the commit.
    written.catch(() => undefined);
    await somebodyWaits(db);
    await meanwhile?.(transaction);
  });
  if (!written) throw new Error('Nothing was written.');
  return written;
}

/** Deletes a user in the order in which the service does: first the inbox. */
export const deletionOf = (user: string) => async (transaction: Queryable) => {
  await transaction.query({ text: 'delete from inboxes where recipient_id = $1', values: [user] });
  await transaction.query({ text: 'delete from users where id = $1', values: [user] });
};

/** Deletes a user and creates one with the same id. */
export const renewalOf = (user: string) => async (transaction: Queryable) => {
  await deletionOf(user)(transaction);
  await transaction.query({ text: 'insert into users (id, email) values ($1, $2)', values: [user, `${user}@new`] });
};
