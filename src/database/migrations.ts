import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';

/** The database cannot be brought up to date. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The folder of the migrations; as far from `src` as from `dist`. */
export const migrationsFolder: string = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** The Prisma schema that the migrations lead to. */
export const schemaFile: string = fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url));

/** Names nothing to leave out. */
export const noFilters = { externalTables: [], externalEnums: [] };

/** Reads the migrations in the order of their names, which is that of their making. */
export async function readMigrations(folder: string = migrationsFolder): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(folder, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(folder, name, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  };
}

/** The text of a migration. */
export function scriptOf({ migrationFile: { content } }: MigrationList['migrationDirectories'][number]): string {
  return content.tag === 'ok' ? content.value : '';
}

/** The checksum that Prisma notes of a migration it has applied. */
export function checksumOf(script: string): string {
  return createHash('sha256').update(script).digest('hex');
}
