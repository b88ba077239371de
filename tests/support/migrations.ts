import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';

/** A folder with the migrations before the one of this name, until the tests of the file end. */
export async function migrationsBefore(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-migrations-'));
  folders.push(folder);
  await cp(migrationsFolder, folder, { recursive: true });
  const { migrationDirectories } = await readMigrations();
  const later = migrationDirectories.map(({ path }) => path).filter((path) => path >= name);
  await Promise.all(later.map((path) => rm(join(folder, path), { recursive: true })));
  return folder;
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
