import type { Queryable } from './database.ts';

/**
 * Identifies a database and its history. One of the parts changes when the database is restored into another server or
 * database, when a standby is promoted, when it is recovered to a point in time, and when it is restored in place. A
 * part is null if it cannot be read.
 */
export interface Fingerprint {
  /** The system identifier of the cluster, which `initdb` generates. */
  readonly system: string | null;
  /** The oid of the database in the cluster. */
  readonly database: string;
  /** The timeline of the current WAL. The promotion of a standby starts a new timeline, and so does a recovery. */
  readonly timeline: string | null;
  /** The transaction that wrote the row of the identity; freezing does not change it. */
  readonly transaction: string | null;
}

/** The parts that a server may refuse to show, as SQL. */
const guardedParts = {
  system: '(select system_identifier::text from pg_control_system())',
  timeline: 'case when pg_is_in_recovery() then null else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end',
} as const;

export type GuardedPart = keyof typeof guardedParts;

/** The parts that this database user may not read, as on some hosted databases. */
export async function hiddenParts(db: Queryable, isOutage: (error: unknown) => boolean): Promise<GuardedPart[]> {
  const hidden: GuardedPart[] = [];
  for (const part of Object.keys(guardedParts) as GuardedPart[]) {
    try {
      await db.query({ text: `select ${guardedParts[part]}`, values: [] });
    } catch (error) {
      if (isOutage(error)) throw error;
      hidden.push(part);
    }
  }
  return hidden;
}

/** SQL of the fingerprint as JSON. @param transaction SQL of the transaction that wrote the identity. */
export function fingerprintSql(hidden: readonly GuardedPart[], transaction: string): string {
  const part = (name: GuardedPart) => (hidden.includes(name) ? 'null' : guardedParts[name]);
  return `jsonb_build_object(
    'system', ${part('system')},
    'database', (select oid::text from pg_database where datname = current_database()),
    'timeline', ${part('timeline')},
    'transaction', ${transaction})`;
}

const parts = ['system', 'database', 'timeline', 'transaction'] as const;

/** Whether all parts that both fingerprints contain are equal. */
export function isSameHistory(stored: Partial<Fingerprint>, seen: Fingerprint): boolean {
  return parts.every((part) => (stored[part] ?? null) === null || seen[part] === null || stored[part] === seen[part]);
}

/** Whether `seen` has a part that is unknown in `stored`. */
export function knowsMore(stored: Partial<Fingerprint>, seen: Fingerprint): boolean {
  return parts.some((part) => (stored[part] ?? null) === null && seen[part] !== null);
}

/** The parts that are known. */
export function knownParts(fingerprint: Fingerprint): Partial<Fingerprint> {
  return Object.fromEntries(Object.entries(fingerprint).filter(([, value]) => value !== null));
}
