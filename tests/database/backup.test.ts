import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backUp } from '../../src/database/backup/backup.ts';
import { openBackup } from '../../src/database/backup/read-file.ts';
import { type RestoreOptions, restore } from '../../src/database/backup/restore.ts';
import { migrate } from '../../src/database/migrate.ts';
import { derivedTexts } from '../../src/notifications/texts/derived.ts';
import { createNotifications, deleteNotifications } from '../../src/notifications/write.ts';
import { aNotification, people } from '../notifications/people.ts';
import { onTestDatabase, useDatabases } from '../support/database.ts';
import { migrationsBefore } from '../support/migrations.ts';
import { asAdmin, temporaryFolder } from '../support/server.ts';

const log = { info: () => undefined };
const { db, url } = await onTestDatabase();
const folder = await temporaryFolder();
afterAll(() => folder.remove());
const aDatabase = useDatabases();
const anEmptyDatabase = () => aDatabase('template template0');

let files = 0;
const aFile = () => {
  files += 1;
  return join(folder.path, `${files}.tidings`);
};

async function aBackup(of = url): Promise<string> {
  const file = aFile();
  await backUp({ url: of, file, mayReplace: false, version: '1.2.3', derived: derivedTexts });
  return file;
}

const restoreInto = async (target: string, file: string, more: Partial<RestoreOptions> = {}) =>
  restore({ url: target, backup: await openBackup(file), mayWipe: false, derived: derivedTexts, log, ...more });

/** Every row of every table but those that are not restored, and the sequences. */
async function contents(of: string): Promise<unknown> {
  return asAdmin(of, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'
       and table_name not in ('_prisma_migrations', 'notification_texts', 'notification_text_queue') order by 1`,
    );
    const all: Record<string, unknown> = {};
    for (const { name } of tables) {
      const { rows } = await client.query(
        `select t::text as row from ${name} t ${name === 'settings' ? "where key not like all ('{database_%,notification_texts}')" : ''} order by 1`,
      );
      all[name] = rows.map(({ row }) => row);
    }
    const { rows } = await client.query('select last_value, is_called from notifications_id_seq');
    return { ...all, sequence: rows };
  });
}

const definitions = (of: string) =>
  asAdmin(of, async (client) => {
    const { rows } = await client.query(
      `select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition, convalidated as state
       from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
       union all select tablename, indexname, indexdef, true from pg_indexes where schemaname = 'public'
       union all select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled = 'O' from pg_trigger where not tgisinternal
       order by 1, 2, 3`,
    );
    return rows;
  });

beforeAll(async () => {
  const { admin, ids } = await people(db);
  const awkward = 'tab\t, backslash \\, newline\n, quote " and a rune 🦊';
  const made = await createNotifications(admin, [
    ...Array.from({ length: 200 }, (_, index) => aNotification(ids.alice, { subject: `Number ${index}` })),
    aNotification(ids.bob, { message: awkward, subject: '\\N' }),
  ]);
  await deleteNotifications(
    admin,
    made.slice(0, 3).map(({ id }) => id),
  );
});

describe('a backup', () => {
  it('a backup restores every row, counter, sequence, key, index and trigger into an empty database', async () => {
    const file = await aBackup();
    const target = await anEmptyDatabase();

    const { rows, migrated } = await restoreInto(target, file);

    expect(rows).toMatchObject({ notifications: 198, notification_tombstones: 3, inboxes: 2 });
    expect(migrated).toEqual([]);
    expect(await contents(target)).toEqual(await contents(url));
    expect(await definitions(target)).toEqual(await definitions(url));
  });

  it('a backup is a file that only its owner may read, and replaces another only on request', async () => {
    const file = await aBackup();

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = { url, file, version: '1.2.3', derived: derivedTexts };
    await expect(backUp({ ...again, mayReplace: false })).rejects.toThrow(`${file} exists`);
    await backUp({ ...again, mayReplace: true });
  });

  it('a backup leaves out the identity of the store, so that earlier cursors are reset', async () => {
    await asAdmin(url, (client) =>
      client.query(
        `insert into settings values ('database_id', '"x"'), ('database_fingerprint', '{}'), ('notification_texts', '{}')
         on conflict do nothing`,
      ),
    );
    const target = await anEmptyDatabase();

    await restoreInto(target, await aBackup());

    const stored = await asAdmin(target, (client) =>
      client.query("select key from settings where key like any ('{database%,notification_texts}')"),
    );
    expect(stored.rows).toEqual([]);
  });

  it.each([
    ['cut short', async (file: string) => truncate(file, (await stat(file)).size - 1), /is damaged/],
    ['cut within its header', (file: string) => truncate(file, 100), /is damaged/],
    ['changed in one bit', (file: string) => flip(file, 0.5), /is damaged/],
    ['changed in its checksum', (file: string) => flip(file, 0.9999), /is damaged/],
    ['empty', (file: string) => truncate(file, 0), /is not a backup of Tidings/],
    ['another file', (file: string) => writeFile(file, 'something else'.repeat(100)), /is not a backup of Tidings/],
  ])('a backup that is %s is refused before anything is written', async (_how, damage, message) => {
    const file = await aBackup();
    await damage(file);

    await expect(openBackup(file)).rejects.toThrow(message);
  });

  it('a restore is rolled back if the backup changes after it was checked', async () => {
    const file = await aBackup();
    const target = await anEmptyDatabase();
    const backup = await openBackup(file);
    await flip(file, 0.5);

    await expect(restore({ url: target, backup, mayWipe: false, derived: derivedTexts, log })).rejects.toThrow(
      /is damaged/,
    );
    expect(await definitions(target)).toEqual([]);
  });

  it('a backup of an older schema is restored and then migrated', async () => {
    const before = await migrationsBefore('20261129230000_message_age');
    const old = await anEmptyDatabase();
    await migrate(old, { log, folder: before });
    await asAdmin(old, (client) =>
      client.query("insert into users (id, email) values (gen_random_uuid(), 'old@example.com')"),
    );
    const target = await anEmptyDatabase();

    const { migrated } = await restoreInto(target, await aBackup(old));

    expect(migrated[0]).toBe('20261129230000_message_age');
    expect(await definitions(target)).toEqual(await definitions(url));
    const { rows } = await asAdmin(target, (client) => client.query('select email from users'));
    expect(rows).toEqual([{ email: 'old@example.com' }]);
  });

  it('a backup of a newer schema is refused, and the error names its migration', async () => {
    const newer = await aDatabase();
    await asAdmin(newer, (client) =>
      client.query(
        `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('n', 'n', '29990101000000_future', now())`,
      ),
    );
    const file = await aBackup(newer);

    await expect(restoreInto(await anEmptyDatabase(), file)).rejects.toThrow(
      'newer version of Tidings, 1.2.3: its migration 29990101000000_future',
    );
  });

  it('a restore replaces the contents of a database only on request', async () => {
    const file = await aBackup();
    const target = await aDatabase();
    await asAdmin(target, (client) =>
      client.query("insert into users (id, email) values (gen_random_uuid(), 'x@example.com')"),
    );
    const before = await contents(target);

    await expect(restoreInto(target, file)).rejects.toThrow('not empty');
    expect(await contents(target)).toEqual(before);
    await restoreInto(target, file, { mayWipe: true });
    expect(await contents(target)).toEqual(await contents(url));
  });

  it('a restore never replaces tables of other programs', async () => {
    const target = await anEmptyDatabase();
    await asAdmin(target, (client) => client.query('create table invoices ()'));

    await expect(restoreInto(target, await aBackup(), { mayWipe: true })).rejects.toThrow('not those of Tidings');
  });

  it('a backup is not restored while a node works on the database', async () => {
    const target = await anEmptyDatabase();
    const file = await aBackup();

    await asAdmin(target, async (node) => {
      await node.query('select pg_advisory_lock_shared(7461004, 1)');
      await expect(restoreInto(target, file)).rejects.toThrow('Services are working on the database');
    });
  });

  it('a failed restore leaves the database unchanged', async () => {
    const target = await aDatabase();
    const before = await contents(target);

    const restoring = restoreInto(target, await aBackup(), {
      mayWipe: true,
      onProgress(done) {
        if (done > 1000) throw new Error('half-way');
      },
    });

    await expect(restoring).rejects.toThrow('half-way');
    expect(await contents(target)).toEqual(before);
  });

  it('a backup of a database without tables of Tidings is refused', async () => {
    await expect(aBackup(await anEmptyDatabase())).rejects.toThrow('no tables of Tidings');
  });
});

/** Flips one bit of the byte at this fraction of the file. */
async function flip(file: string, share: number): Promise<void> {
  const bytes = await readFile(file);
  const at = Math.floor(share * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}
