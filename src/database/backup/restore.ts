import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';
import type { Logger } from 'pino';
import { applyTogether } from '../apply-migrations.ts';
import { fingerprintKey, idKey } from '../identity.ts';
import { migrate } from '../migrate.ts';
import { readHistory } from '../migration-history.ts';
import { type MigrationSession, openMigrationSession } from '../migration-session.ts';
import { type Migration, readMigrations } from '../migrations.ts';
import { workingNodes } from '../minimum.ts';
import type { Derived } from './backup.ts';
import { copySettings, quoted, readDrops, readKeysAndIndexes } from './catalog.ts';
import { BackupError } from './error.ts';
import { BackupEnd, type BackupHeader, damaged, parseJson, TableEnd } from './format.ts';
import type { BackupFile } from './read-file.ts';

export interface RestoreOptions {
  readonly url: string;
  readonly backup: BackupFile;
  /** Whether the current content of the database may be removed. */
  readonly mayWipe: boolean;
  readonly derived: Derived;
  readonly log: Pick<Logger, 'info'>;
  /** Called from time to time with the number of bytes of rows that are loaded. */
  readonly onProgress?: (done: number) => void;
}

export interface RestoreResult {
  readonly rows: Readonly<Record<string, number>>;
  /** Migrations applied after the backup's own. */
  readonly migrated: readonly string[];
}

/**
 * Restores a backup in one transaction, and then applies the migrations that the backup does not have. Before the
 * commit the database is unchanged, even if this process is killed. The identity of the database is not restored, so
 * the next start creates a new one, and followers of the earlier database read their inboxes again.
 * @throws BackupError when the backup is of a newer version or damaged, the database is not empty and must not be
 * wiped, or nodes are working on it.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { url, backup, log } = options;
  const migrations = migrationsOf(backup.header, await readMigrations());
  const session = await openMigrationSession(url);
  try {
    await session.lock(log);
    await assertUsable(session.client, options.mayWipe);
    const rows = await load(session, migrations, options);
    await session.unlock();
    return { rows, migrated: await migrate(url, { log }) };
  } finally {
    await session.end().catch(() => undefined);
  }
}

/** The migrations of the backup. @throws BackupError when this version lacks one of them, or one of them differs. */
function migrationsOf({ version, migrations }: BackupHeader, known: readonly Migration[]): readonly Migration[] {
  const wanted = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  const names = new Set(known.map(({ name }) => name));
  const unknown = [...wanted.keys()].sort().find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new BackupError(
      `The backup was made by a newer version of Tidings, ${version}: its migration ${unknown} is not part of this version.`,
    );
  }
  const found = known.filter(({ name }) => wanted.has(name));
  const other = found.find(({ name, checksum }) => wanted.get(name) !== checksum);
  if (other !== undefined) {
    throw new BackupError(`The migration ${other.name} of the backup differs from that of this version of Tidings.`);
  }
  // A migration that cannot run in a transaction only adds objects that the rows do not need, such as indexes;
  // `migrate` applies it afterwards.
  return found.filter(({ isTransactional }) => isTransactional);
}

async function assertUsable(client: pg.Client, mayWipe: boolean): Promise<void> {
  const nodes = await workingNodes(client);
  if (nodes.length > 0) {
    throw new BackupError(`Services are working on the database: ${nodes.join(', ')}; stop them first.`);
  }
  const isEmpty = (await readDrops(client)).length === 0;
  if (isEmpty) return;
  const { hasHistory } = await readHistory(client);
  if (!hasHistory) {
    throw new BackupError(
      'The database has tables that are not those of Tidings: give the service a database of its own.',
    );
  }
  if (!mayWipe) {
    throw new BackupError(
      'The database is not empty; --wipe removes what is in it, in the same transaction that restores.',
    );
  }
}

async function load(
  session: MigrationSession,
  migrations: readonly Migration[],
  { backup, derived, onProgress }: RestoreOptions,
): Promise<Readonly<Record<string, number>>> {
  const { client } = session;
  const runAll = async (texts: readonly string[]) => {
    for (const text of texts) await client.query(text);
  };
  try {
    await client.query('begin isolation level read committed');
    await runAll(await readDrops(client));
    await applyTogether(session, migrations);
    await client.query(copySettings);
    const tables = backup.header.tables.map(({ name }) => quoted(name));
    // Migrations store rows too, which must be removed.
    await client.query(`truncate ${tables.join(', ')} cascade`);
    const keys = await readKeysAndIndexes(client);
    await runAll(keys.map(({ remove }) => remove).reverse());
    await runAll(tables.map((table) => `alter table ${table} disable trigger user`));
    const { rows, end } = await copyIn(client, backup, onProgress);
    await client.query('delete from settings where key = any($1::text[])', [
      [idKey, fingerprintKey, ...derived.settings],
    ]);
    await runAll(keys.map(({ create }) => create));
    await runAll(tables.map((table) => `alter table ${table} enable trigger user`));
    for (const { name, value, is_called } of end.sequences) {
      await client.query('select setval(to_regclass($1), $2, $3)', [quoted(name), value, is_called]);
    }
    await runAll(tables.map((table) => `analyze ${table}`));
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function copyIn(client: pg.Client, backup: BackupFile, onProgress: RestoreOptions['onProgress']) {
  const { file, header } = backup;
  const columnsOf = new Map(header.tables.map(({ name, columns }) => [name, columns]));
  const rows: Record<string, number> = {};
  let end: BackupEnd | undefined;
  let open: { readonly name: string; readonly stream: ReturnType<typeof from> } | undefined;
  let done = 0;
  try {
    for await (const { type, content } of backup.frames()) {
      if (end !== undefined) throw damaged(file);
      if (type === 'table') {
        const name = content.toString();
        const columns = columnsOf.get(name);
        if (open !== undefined || columns === undefined) throw damaged(file);
        const text = `copy ${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`;
        open = { name, stream: client.query(from(text)) };
        // Errors are reported by `write` and `finished`.
        open.stream.on('error', () => undefined);
      } else if (type === 'data') {
        if (open === undefined) throw damaged(file);
        if (!open.stream.write(content)) await once(open.stream, 'drain');
        done += content.length;
        onProgress?.(done);
      } else if (type === 'tableEnd') {
        if (open === undefined) throw damaged(file);
        const { name, stream } = open;
        stream.end();
        await finished(stream);
        if (stream.rowCount !== parseJson(TableEnd, content.toString(), file).rows) throw damaged(file);
        rows[name] = stream.rowCount;
        open = undefined;
      } else end = parseJson(BackupEnd, content.toString(), file);
    }
  } catch (error) {
    open?.stream.destroy(error as Error);
    throw error;
  }
  if (end === undefined || Object.keys(rows).length !== columnsOf.size) throw damaged(file);
  return { rows, end };
}
