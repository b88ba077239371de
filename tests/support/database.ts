import { afterAll, afterEach } from '@jest/globals';
import { withDatabase } from '../../src/database/address.ts';
import { openDatabase } from '../../src/database/client.ts';
import type { Database } from '../../src/database/database.ts';
import { asAdmin, serverVariable, type TestServer } from './server.ts';

/** A migrated, empty database of one's own. */
export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  /** Closes `db` and removes the database, whoever else is still connected to it. */
  drop(): Promise<void>;
}

let made = 0;

/** Clones a fresh database from the template; every call gets another. */
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

/** The address of a migrated, empty database of one's own, and how to remove it. */
export function createMigratedDatabase(): ReturnType<typeof createDatabase> {
  return createDatabase(`template ${testServer().prefix}`);
}

/** A fresh database for the test file that calls this at its top; it goes when the file is done. */
export async function onTestDatabase(options?: { readonly poolSize?: number }): Promise<TestDatabase> {
  const database = await testDatabase(options);
  afterAll(database.drop);
  return database;
}

/** An empty database made with these options of `create database`. */
export async function createDatabase(options: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const { adminUrl, prefix } = testServer();
  made += 1;
  const name = `${prefix}_${process.pid}_${made}_${Date.now().toString(36)}`;
  await asAdmin(adminUrl, (client) => client.query(`create database ${name} ${options}`));
  return {
    url: withDatabase(adminUrl, name),
    drop: async () => {
      await asAdmin(adminUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/**
 * Returns a function that makes a database and returns its address; each one goes when its test is done. By default it
 * is a migrated, empty one.
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

/** The server of this run. */
export function testServer(): TestServer {
  const text = process.env[serverVariable];
  if (text === undefined) throw new Error('There is no test server: run the tests with `npm test`.');
  return JSON.parse(text) as TestServer;
}
