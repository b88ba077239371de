import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { withDatabase } from '../../src/database/address.ts';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';
import { adapterOn } from './engine-adapter.ts';
import { createSchemaEngine } from './schema-engine.ts';

/** The path of the Prisma schema, which the migrations must produce. */
export const schemaFile: string = fileURLToPath(new URL('../schema.prisma', import.meta.url));

/**
 * Returns the SQL that changes the result of all migrations to `schema.prisma`, or undefined if they are equal.
 * Features that Prisma's schema language lacks, such as check constraints, are not compared.
 * @param url a server on which a temporary database may be created
 */
export async function diffAgainstSchema(
  url: string,
  { folder = migrationsFolder, schema = schemaFile }: { readonly folder?: string; readonly schema?: string } = {},
): Promise<string | undefined> {
  const name = `tidings_shadow_${randomUUID().replaceAll('-', '')}`;
  const clients: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: withDatabase(url, name) });
    clients.push(client);
    await client.connect();
    return adapterOn(client);
  };
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  try {
    await server.query(`create database ${name} template template0`);
    const content = await readFile(schema, 'utf8');
    const engine = await createSchemaEngine(content, {
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect,
      connectToShadowDb: connect,
    });
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...(await listOf(folder)) },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    engine.free();
    return exitCode === 0 ? undefined : (stdout ?? '');
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await server.query(`drop database if exists ${name} with (force)`);
    await server.end();
  }
}

/** The migrations of a folder, in the format of the engine. */
async function listOf(folder: string): Promise<MigrationList> {
  const migrations = await readMigrations(folder);
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(folder, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
}
