import { afterAll, afterEach } from '@jest/globals';
import { withDatabase } from '../../src/database/address.ts';
import { openDatabase } from '../../src/database/client.ts';
import type { Database } from '../../src/database/database.ts';
import { asAdmin, serverVariable, type TestServer } from './server.ts';

/** A migrated, empty database. */
export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  /** Closes `db` and drops the database, even if others are connected to it. */
  drop(): Promise<void>;
}

let createdCount = 0;

/** Clones a new database from the template. */
export async function testDatabase({ poolSize = 5 }: { readonly poolSize?: number } = {}): Promise<TestDatabase> {
  const { url, drop } = await createMigratedDatabase();
  const db = await openDatabase({ url, poolSize });
  return {
    db,
    url,
    drop: async () => {
      await db.close();
      await drop();
    },
  };
}

/** Creates a migrated, empty database. */
export function createMigratedDatabase(): ReturnType<typeof createDatabase> {
  return createDatabase(`template ${testServer().prefix}`);
}

/** A new database for the test file that calls this at its top; it is dropped after the tests of the file. */
export async function onTestDatabase(options?: { readonly poolSize?: number }): Promise<TestDatabase> {
  const database = await testDatabase(options);
  afterAll(database.drop);
  return database;
}

/** Creates a database with these options of `create database`; it is empty unless they name a template. */
export async function createDatabase(options: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const { adminUrl, prefix } = testServer();
  createdCount += 1;
  const name = `${prefix}_${process.pid}_${createdCount}_${Date.now().toString(36)}`;
  await asAdmin(adminUrl, (client) => client.query(`create database ${name} ${options}`));
  return {
    url: withDatabase(adminUrl, name),
    drop: async () => {
      await asAdmin(adminUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/**
 * Returns a function that creates a database and returns its URL; each is dropped after its test. By default it
 * is migrated and empty.
 */
export function useDatabases(): (options?: string) => Promise<string> {
  const databases: { drop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { drop } of databases.splice(0)) await drop();
  });
  return async (options) => {
    const database = await (options === undefined ? createMigratedDatabase() : createDatabase(options));
    databases.push(database);
    return database.url;
  };
}

/** The PostgreSQL server of this run. */
export function testServer(): TestServer {
  const text = process.env[serverVariable];
  if (text === undefined) throw new Error('There is no test server: run the tests with `npm test`.');
  return JSON.parse(text) as TestServer;
}
