import type { Queryable } from './database.ts';
import { type Fingerprint, isSameHistory, knownParts, knowsMore } from './fingerprint.ts';
import { lockKeys } from './lock-keys.ts';

/**
 * A UUID of the store and its history. Values that are only valid for one of them, such as cursors, contain it. A
 * restored database or a promoted standby may lack the latest committed writes, so it gets a new identity.
 */
export interface DatabaseIdentity {
  /** The UUID as last read. Call it before reading the rows that it is sent with. */
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

/** The columns of `IdentityRows` as SQL. @param fingerprint returns its SQL from that of the writing transaction. */
export function identityColumns(fingerprint: (transaction: string) => string): string {
  return `
    (select value #>> '{}' from settings where key = '${idKey}') as id,
    (select value from settings where key = '${fingerprintKey}') as stored,
    ${fingerprint(`(select xmin::text from settings where key = '${idKey}')`)} as seen`;
}

/**
 * Decides what to do: nothing (`same`), store parts of the fingerprint that were unknown (`note`), or create a new
 * identity because the history of the database is another one (`draw`).
 */
export function judgeIdentity({ id, stored, seen }: IdentityRows): 'same' | 'note' | 'draw' {
  if (id === null) return 'draw';
  // An earlier version created the identity without a fingerprint; its cursors stay valid.
  if (stored === null) return 'note';
  if (stored.id !== id || !isSameHistory(stored, seen)) return 'draw';
  return knowsMore(stored, seen) ? 'note' : 'same';
}

/**
 * Updates the stored identity as `judgeIdentity` decides, and returns it. If several nodes do so at once, the first
 * writes it and the others read it.
 * @param connection a session without an open transaction.
 * @param read reads the rows on that session.
 */
export async function settleIdentity(connection: Queryable, read: () => Promise<IdentityRows>): Promise<string> {
  const run = (text: string, ...values: unknown[]) => connection.query({ text, values });
  await run('begin');
  try {
    await run('select pg_advisory_xact_lock($1)', lockKeys.identity);
    const before = await read();
    const isDrawn = judgeIdentity(before) === 'draw';
    if (isDrawn) {
      // `on conflict` fails without the primary key, which a restore creates last. So nothing is written while the
      // table is being restored.
      await run(
        `insert into settings (key, value) values ($1, to_jsonb(gen_random_uuid()))
         on conflict (key) do update set value = excluded.value`,
        idKey,
      );
    }
    const { id, seen } = isDrawn ? await read() : before;
    if (id === null) throw new Error('The database has no identity.');
    await run(
      `insert into settings (key, value) values ($1, $2)
       on conflict (key) do update set value = excluded.value where settings.value <> excluded.value`,
      fingerprintKey,
      JSON.stringify({ ...(isDrawn ? {} : before.stored), ...knownParts(seen), id }),
    );
    await run('commit');
    return id;
  } catch (error) {
    await run('rollback').catch(() => undefined);
    throw error;
  }
}
