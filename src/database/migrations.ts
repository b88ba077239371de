import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The database cannot be brought up to date. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The folder of the migrations; as far from `src` as from `dist`. */
export const migrationsFolder: string = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** One folder of `prisma/migrations`. */
export interface Migration {
  readonly name: string;
  /** The text of its `migration.sql`. */
  readonly script: string;
  /** The checksum that Prisma notes of a migration it has applied. */
  readonly checksum: string;
  /**
   * Whether it runs in a transaction. One that cannot, such as `create index concurrently`, says
   * `-- outside-transaction` on a line of its own, and is one statement that may be repeated.
   */
  readonly isTransactional: boolean;
}

/** Reads the migrations in the order of their names, which is that of their making. */
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
