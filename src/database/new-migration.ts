import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { diffAgainstSchema } from './diff.ts';
import { startEmbedded } from './embedded.ts';
import { migrationsFolder, schemaFile } from './migrations.ts';

/** Where a new migration goes and what it is made from. */
export interface NewMigration {
  readonly name: string;
  readonly now: Date;
  readonly folder?: string;
  readonly schema?: string;
}

/**
 * Writes the migration that leads from the migrations there are to `schema.prisma`, and returns its folder; undefined
 * when there is nothing to write. A PostgreSQL of its own, in a temporary folder, plays the migrations.
 */
export async function createMigration({
  name,
  now,
  folder = migrationsFolder,
  schema = schemaFile,
}: NewMigration): Promise<string | undefined> {
  if (!/^[a-z0-9][a-z0-9_]{0,99}$/.test(name)) {
    throw new Error('The name of a migration has small letters, digits and underscores: add_channels.');
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'tidings-migration-'));
  try {
    const { url, stop } = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), settings: { fsync: 'off' } });
    const script = await diffAgainstSchema(url, { folder, schema }).finally(stop);
    if (script === undefined) return undefined;
    const target = join(folder, `${now.toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`);
    await mkdir(target);
    await writeFile(join(target, 'migration.sql'), script);
    return target;
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
  const created = await createMigration({ name, now: new Date() });
  process.stdout.write(
    created === undefined
      ? 'There are no changes: the migrations lead to schema.prisma already.\n'
      : `Written to ${relative(process.cwd(), created)}. Read it, and add what Prisma cannot say.\n`,
  );
}
