import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The database cannot be brought up to date. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The folder of the migrations; the relative path is the same from `src` and from `dist`. */
export const migrationsFolder: string = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** One folder of `prisma/migrations`. */
export interface Migration {
  readonly name: string;
  /** The text of its `migration.sql`. */
  readonly script: string;
  /** The checksum that Prisma stores for an applied migration. */
  readonly checksum: string;
  /**
   * Whether the migration runs in a transaction. If it cannot, as with `create index concurrently`, its file contains
   * the line `-- outside-transaction` and a single statement that can be repeated.
   */
  readonly isTransactional: boolean;
}

/** Reads the migrations in the order of their names, which begin with the time of creation. */
export async function readMigrations(folder: string = migrationsFolder): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const script = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return {
        name,
        script,
        checksum: createHash('sha256').update(script).digest('hex'),
        isTransactional: !/^--[ \t]*outside-transaction[ \t]*\r?$/m.test(script),
      };
    }),
  );
}
