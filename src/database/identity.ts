import type { Queryable } from './database.ts';
import { type Fingerprint, isSameHistory, knownParts, knowsMore } from './fingerprint.ts';

/**
 * Names the store and its history: what is only true of one of them, such as a cursor, holds it. A database that was
 * restored, or a promoted standby, has lost what was acknowledged last, and gets another identity.
 */
export interface DatabaseIdentity {
  /** The uuid as it was last seen; whoever reads rows to go with it asks before reading. */
  current(): string;
  /** Calls the listener whenever there is another identity; the answer ends that. */
  onChange(listener: () => void): () => void;
}

/** What is stored of the identity, and what the database looks like now. */
export interface IdentityRows {
  readonly id: string | null;
  /** As it was when the identity was drawn; null in a database that earlier versions of the service have made. */
  readonly stored: (Partial<Fingerprint> & { readonly id?: string }) | null;
  readonly seen: Fingerprint;
}

/** The rows of `settings`. Earlier versions read the first as a plain text, so the fingerprint stands beside it. */
const idKey = 'database_id';
const fingerprintKey = 'database_fingerprint';
/** Lets one node at a time draw an identity; any number nobody else uses. */
const lockKey = 7_461_003;

/** SQL of the `IdentityRows`, as columns. @param fingerprint SQL, given the SQL of the writing transaction. */
export function identityColumns(fingerprint: (transaction: string) => string): string {
  return `
    (select value #>> '{}' from settings where key = '${idKey}') as id,
    (select value from settings where key = '${fingerprintKey}') as stored,
    ${fingerprint(`(select xmin::text from settings where key = '${idKey}')`)} as seen`;
}

/**
 * What has to be done: nothing, note what was not known before, or draw another identity because the database has
 * another history than the one that was identified.
 */
export function judgeIdentity({ id, stored, seen }: IdentityRows): 'same' | 'note' | 'draw' {
  if (id === null) return 'draw';
  // Made by an earlier version, which noted nothing: its cursors stay good.
  if (stored === null) return 'note';
  if (stored.id !== id || !isSameHistory(stored, seen)) return 'draw';
  return knowsMore(stored, seen) ? 'note' : 'same';
}

/**
 * Brings the stored identity in line with the database, and answers it. Of several nodes that do so at once, the first
 * writes and the others take what it wrote.
 * @param connection one session, in no transaction.
 * @param read the rows, on that session.
 */
export async function settleIdentity(connection: Queryable, read: () => Promise<IdentityRows>): Promise<string> {
  const run = (text: string, ...values: unknown[]) => connection.query({ text, values });
  await run('begin');
  try {
    await run('select pg_advisory_xact_lock($1)', lockKey);
    const before = await read();
    const isDrawn = judgeIdentity(before) === 'draw';
    if (isDrawn) {
      // `on conflict` needs the primary key, which a restore makes last: nothing is written into a half restored table.
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
