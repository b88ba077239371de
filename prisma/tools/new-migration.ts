import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { startEmbedded } from '../../src/database/embedded.ts';
import { migrationsFolder } from '../../src/database/migrations.ts';
import { diffAgainstSchema, schemaFile } from './diff.ts';

/** The name and the inputs of a new migration. */
export interface NewMigration {
  readonly name: string;
  readonly now: Date;
  /** A server on which a temporary database may be created to run the migrations. */
  readonly url: string;
  readonly folder?: string;
  readonly schema?: string;
}

/**
 * Writes the migration from the result of the existing migrations to `schema.prisma`, and returns its folder. Undefined
 * if there is nothing to write.
 */
export async function createMigration({
  name,
  now,
  url,
  folder = migrationsFolder,
  schema = schemaFile,
}: NewMigration): Promise<string | undefined> {
  if (!/^[a-z0-9][a-z0-9_]{0,99}$/.test(name)) {
    throw new Error(
      'The name of a migration must consist of lower-case letters, digits and underscores, such as add_channels.',
    );
  }
  const script = await diffAgainstSchema(url, { folder, schema });
  if (script === undefined) return undefined;
  const target = join(folder, `${now.toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`);
  await mkdir(target);
  await writeFile(join(target, 'migration.sql'), script);
  return target;
}

/** Runs `work` with a PostgreSQL in a temporary folder, so that no existing database is needed. */
async function onTemporaryServer<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidings-migration-'));
  try {
    const { url, stop } = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), settings: { fsync: 'off' } });
    return await work(url).finally(stop);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

// `npm run migrate:new NAME`
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [name] = process.argv.slice(2);
  if (name === undefined) {
    process.stderr.write('Usage: npm run migrate:new NAME\n');
    process.exit(2);
  }
  const created = await onTemporaryServer((url) => createMigration({ name, now: new Date(), url }));
  process.stdout.write(
    created === undefined
      ? 'There are no changes: the migrations already produce schema.prisma.\n'
      : `Written to ${relative(process.cwd(), created)}. Read it, and add what Prisma's schema language cannot express; then run \`node prisma/check-migrations.mjs --write\`.\n`,
  );
}
