import { DriverAdapterError, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import type pg from 'pg';
import { adapterOn } from './engine-adapter.ts';
import { MigrationError, noFilters } from './migrations.ts';
import { createSchemaEngine } from './schema-engine.ts';

/**
 * Applies the missing migrations on the one connection, which holds the lock, in one transaction together with
 * Prisma's record of them: a service killed half-way leaves neither half a schema nor a migration that Prisma
 * takes for failed.
 * @param onApplied does what belongs to them in the same transaction.
 */
export async function applyMigrations(
  client: pg.Client,
  migrationsList: MigrationList,
  schema: string,
  onApplied: () => Promise<void>,
): Promise<readonly string[]> {
  const scripts: Scripts = { failure: undefined };
  await client.query('begin');
  try {
    const engine = await createSchemaEngine(schema, singleConnection(client, scripts));
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilters });
    engine.free();
    await onApplied();
    await client.query('commit');
    return appliedMigrationNames;
  } catch (error) {
    await client.query('rollback');
    // Within the failed transaction the engine cannot record the failure, and complains of that instead.
    const { failure } = scripts;
    if (failure === undefined) {
      throw new MigrationError(`The database cannot be migrated: ${messageOf(error)}`, { cause: error });
    }
    const name = migrationsList.migrationDirectories.find(
      ({ migrationFile: { content } }) => content.tag === 'ok' && content.value === failure.script,
    )?.path;
    throw new MigrationError(`The migration ${name} failed, the database is as it was: ${messageOf(failure.cause)}`, {
      cause: failure.cause,
    });
  }
}

interface Scripts {
  failure: { readonly script: string; readonly cause: unknown } | undefined;
}

function singleConnection(client: pg.Client, scripts: Scripts): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => {
      const adapter = await adapterOn(client);
      const { executeScript } = adapter;
      adapter.executeScript = (script) =>
        executeScript(script).catch((cause: unknown) => {
          scripts.failure = { script, cause };
          throw cause;
        });
      return adapter;
    },
    connectToShadowDb: () => Promise.reject(new Error('Applying migrations needs no second database.')),
  };
}

function messageOf(error: unknown): string {
  // Prisma's adapter classifies errors; PostgreSQL's own words say more.
  if (error instanceof DriverAdapterError) return error.cause.originalMessage ?? error.message;
  const message = error instanceof Error ? error.message : String(error);
  // What the engine says goes on with where in its code it was.
  return message.replace(/^ERROR: |\n *0: [\s\S]*$/g, '').trim();
}
