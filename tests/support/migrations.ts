import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';

/** A folder with the migrations before the named one; it is removed after the tests of the file. */
export async function migrationsBefore(name: string): Promise<string> {
  const folder = await aFolder();
  const later = (await readMigrations()).map((migration) => migration.name).filter((later) => later >= name);
  await Promise.all(later.map((path) => rm(join(folder, path), { recursive: true })));
  return folder;
}

/** A folder with the migrations of the repository and these, by name; it is removed after the tests of the file. */
export async function migrationsWith(more: Readonly<Record<string, string>>): Promise<string> {
  const folder = await aFolder();
  await writeMigrations(folder, more);
  return folder;
}

/** Writes migrations into a folder, by name; existing ones with the same names are replaced. */
export async function writeMigrations(folder: string, migrations: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, script] of Object.entries(migrations)) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), script);
  }
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-migrations-'));
  folders.push(folder);
  await cp(migrationsFolder, folder, { recursive: true });
  return folder;
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
