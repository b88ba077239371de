import pg from 'pg';
import { to } from 'pg-copy-streams';
import { idKey } from '../identity.ts';
import { readHistory } from '../migration-history.ts';
import { copySettings, quoted, readBytes, readSequences, readTables } from './catalog.ts';
import { BackupError } from './error.ts';
import type { BackedUpTable } from './format.ts';
import { type BackupWriter, beginFile } from './write-file.ts';

/** Tables and settings that are not backed up, because the service derives them from others. */
export interface Derived {
  readonly tables: readonly string[];
  /** Keys of `settings`. */
  readonly settings: readonly string[];
}

export interface BackupOptions {
  readonly url: string;
  readonly file: string;
  /** Whether an existing file may be replaced. */
  readonly mayReplace: boolean;
  /** The version of the service. */
  readonly version: string;
  readonly derived: Derived;
  /** Called from time to time with the number of bytes copied, and an estimate of the total. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BackupResult {
  readonly bytes: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly database_id: string | null;
}

const historyTable = '_prisma_migrations';
const newline = 0x0a;
/**
 * Maximum number of tries. The tables are read again if a migration starts between reading and locking them, which is
 * rare.
 */
const triesMax = 5;

/**
 * Copies every table, read in one snapshot, into a file. The service may be running. The use of memory does not depend
 * on the size of the database.
 * @throws BackupError when the database is not one of Tidings, or the file cannot be written.
 */
export async function backUp(options: BackupOptions): Promise<BackupResult> {
  const { url, file, mayReplace, version, derived, onProgress } = options;
  const client = new pg.Client({ connectionString: url, fallback_application_name: 'tidings backup' });
  client.on('error', () => undefined);
  await client.connect();
  let writer: BackupWriter | undefined;
  try {
    await client.query(`set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; ${copySettings}`);
    const tables = await beginSnapshot(client, derived);
    const { applied } = await readHistory(client);
    const { rows: facts } = await client.query<{ postgres: string; id: string | null }>(
      `select current_setting('server_version') as postgres,
              (select value #>> '{}' from settings where key = $1) as id`,
      [idKey],
    );
    const database_id = facts[0]?.id ?? null;
    const total = await readBytes(
      client,
      tables.map(({ name }) => name),
    );
    const header = {
      version,
      created_at: new Date().toISOString(),
      postgres: facts[0]?.postgres ?? '',
      database_id,
      migrations: [...applied].map(([name, checksum]) => ({ name, checksum })),
      tables,
    };
    writer = await beginFile(file, header, mayReplace);
    const rows: Record<string, number> = {};
    let done = 0;
    for (const table of tables) {
      rows[table.name] = await copyOut(client, writer, table, (bytes) => {
        done += bytes;
        onProgress?.(done, total);
      });
    }
    const sequences = await readSequences(client);
    await client.query('commit');
    await writer.frame('end', json({ sequences }));
    return { bytes: await writer.finish(), rows, database_id };
  } catch (error) {
    await writer?.discard();
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Locks the tables against migrations and takes the snapshot. The locks are taken first: a statement that reads would
 * take the snapshot, and a migration could commit between the snapshot and the locks.
 */
async function beginSnapshot(client: pg.Client, derived: Derived): Promise<BackedUpTable[]> {
  const excluded = new Set([historyTable, ...derived.tables]);
  const read = async () => (await readTables(client)).filter(({ name }) => !excluded.has(name));
  for (let tries = 1; ; tries += 1) {
    const { hasHistory } = await readHistory(client);
    if (!hasHistory) throw new BackupError('The database has no tables of Tidings, so there is nothing to back up.');
    const before = await read();
    await client.query('begin isolation level repeatable read read only');
    const names = [historyTable, ...before.map(({ name }) => name)].map(quoted).join(', ');
    try {
      await client.query(`lock table ${names} in access share mode`);
      const tables = await read();
      if (JSON.stringify(tables) === JSON.stringify(before)) return tables;
    } catch (error) {
      // 42P01, undefined table: a migration has dropped the table.
      if ((error as { code?: unknown }).code !== '42P01') throw error;
    }
    await client.query('rollback');
    if (tries === triesMax) throw new BackupError('The tables of the database keep changing: try again later.');
  }
}

/** Copies the rows of a table; returns their number. */
async function copyOut(
  client: pg.Client,
  writer: BackupWriter,
  { name, columns }: BackedUpTable,
  onBytes: (bytes: number) => void,
): Promise<number> {
  await writer.frame('table', Buffer.from(name));
  const stream = client.query(to(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`));
  let rows = 0;
  for await (const read of stream) {
    const chunk = read as Buffer;
    // Each row ends with a newline; newlines in values are escaped.
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) rows += 1;
    onBytes(chunk.length);
    await writer.frame('data', chunk);
  }
  await writer.frame('tableEnd', json({ rows }));
  return rows;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
