import type { Queryable } from './database.ts';
import { type Fingerprint, isSameHistory, knownParts, knowsMore } from './fingerprint.ts';
import { lockKeys } from './lock-keys.ts';

/**
 * A UUID of the database and its history. Values that are valid for only one history, such as cursors, contain it. A
 * restored database or a promoted standby may lack the latest committed writes, so it gets a new identity.
 */
export interface DatabaseIdentity {
  /** The UUID that was read last. To be called before the rows are read that are sent together with it. */
  current(): string;
  /** Calls the listener whenever the identity changes. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void;
}

/** The stored identity, and the current fingerprint of the database. */
export interface IdentityRows {
  readonly id: string | null;
  /** The fingerprint when the identity was created; null if an earlier version of the service created the database. */
  readonly stored: (Partial<Fingerprint> & { readonly id?: string }) | null;
  readonly seen: Fingerprint;
}

/** Keys of `settings`. Earlier versions read the first value as plain text, so the fingerprint has its own row. */
export const idKey = 'database_id';
export const fingerprintKey = 'database_fingerprint';

/**
 * The columns of `IdentityRows` as SQL. @param fingerprint returns the SQL of the fingerprint; its argument is the SQL
 * of the transaction that wrote the identity
 */
export function identityColumns(fingerprint: (transaction: string) => string): string {
  return `
    (select value #>> '{}' from settings where key = '${idKey}') as id,
    (select value from settings where key = '${fingerprintKey}') as stored,
    ${fingerprint(`(select xmin::text from settings where key = '${idKey}')`)} as seen`;
}

/**
 * Decides what to do with the stored identity: nothing (`same`), add parts of the fingerprint that were unknown
 * (`complete`), or create a new identity because the history of the database is a different one (`create`).
 */
export function identityAction({ id, stored, seen }: IdentityRows): 'same' | 'complete' | 'create' {
  if (id === null) return 'create';
  // An earlier version created the identity without a fingerprint; its cursors stay valid.
  if (stored === null) return 'complete';
  if (stored.id !== id || !isSameHistory(stored, seen)) return 'create';
  return knowsMore(stored, seen) ? 'complete' : 'same';
}

/**
 * Updates the stored identity as `identityAction` decides, and returns it. If several nodes do this at the same time,
 * the first writes it and the others read it.
 * @param connection a session without an open transaction.
 * @param read reads the rows on that session.
 */
export async function updateIdentity(connection: Queryable, read: () => Promise<IdentityRows>): Promise<string> {
  const run = (text: string, ...values: unknown[]) => connection.query({ text, values });
  await run('begin');
  try {
    await run('select pg_advisory_xact_lock($1)', lockKeys.identity);
    const before = await read();
    const isCreated = identityAction(before) === 'create';
    if (isCreated) {
      // `on conflict` fails without the primary key, which a restore creates last. So nothing is written while the
      // table is being restored.
      await run(
        `insert into settings (key, value) values ($1, to_jsonb(gen_random_uuid()))
         on conflict (key) do update set value = excluded.value`,
        idKey,
      );
    }
    const { id, seen } = isCreated ? await read() : before;
    if (id === null) throw new Error('The database has no identity.');
    await run(
      `insert into settings (key, value) values ($1, $2)
       on conflict (key) do update set value = excluded.value where settings.value <> excluded.value`,
      fingerprintKey,
      JSON.stringify({ ...(isCreated ? {} : before.stored), ...knownParts(seen), id }),
    );
    await run('commit');
    return id;
  } catch (error) {
    await run('rollback').catch(() => undefined);
    throw error;
  }
}
