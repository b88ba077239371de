import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const tool = fileURLToPath(new URL('../../tools/sql.mjs', import.meta.url));

/** The faults that the check reports for these sources; empty when there are none. */
async function faultsOf(sources: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'sql-'));
  for (const [path, text] of Object.entries(sources)) {
    const file = join(root, 'src', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  try {
    await promisify(execFile)(process.execPath, [tool, root]);
    return '';
  } catch (error) {
    return (error as { readonly stderr: string }).stderr.trim();
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('the check of SQL and pools', () => {
  it.each([
    ['a select', "export const a = 'select id from users';"],
    ['a template', 'export const a = (b: string) => `select id from users where id = $1`;'],
    ['an insert', "export const a = { text: 'insert into users (id) values ($1)' };"],
    ['an update', "export const a = 'update users set role = $1';"],
    ['a delete', "export const a = 'delete from users where id = $1';"],
    ['a common table expression', "export const a = 'with old as (select 1) table old';"],
    ['a fragment of a statement', "export const a = 'for no key update';"],
    ['a fragment with a cast', "export const a = 'n.id = $1::bigint';"],
    ['raw SQL through Prisma', 'export const a = (p: any) => p.$executeRaw`delete from users`;'],
    ['an advisory lock', "export const a = 'select pg_advisory_xact_lock($1)';"],
  ])('%s outside sql/ is refused', async (_what, source) => {
    expect(await faultsOf({ 'notifications/planted.ts': source })).toBe(
      'src/notifications/planted.ts holds SQL: move it into the sql/ of its folder.',
    );
  });

  it.each(['notifications/sql/planted.ts', 'database/planted.ts', 'query/planted.ts'])(
    'SQL is allowed in %s',
    async (path) => {
      expect(await faultsOf({ [path]: "export const a = 'select id from users';" })).toBe('');
    },
  );

  it.each([
    [
      'two statements',
      "export const a = statement()({ text: 'x' }); export const b = statement<object>()({ text: 'y' });",
    ],
    ['two texts', "export const a = 'select 1'; export const b = (c: string) => `listen b`;"],
    ['a statement and a text', "export const a = statement()({ text: 'x' }); export const b = 'delete from users';"],
    ['two that build texts', 'export function a(): Sql { return b(); } export function c(): Sql { return b(); }'],
    ['two that run texts', 'export function a() { return runOn(b); } export function c() { return runOn(d); }'],
    ['a text of two statements', "export const a = 'set synchronous_commit = off; listen writes';"],
  ])('%s in one file of statements are refused', async (_what, source) => {
    expect(await faultsOf({ 'notifications/sql/planted.ts': source })).toBe(
      'src/notifications/sql/planted.ts holds several statements: give each a file of its own.',
    );
  });

  it.each([
    ['variants of one statement', 'export const a = (b: boolean) => statement<object>()({ text: text(b) });'],
    ['a statement and its parts', "const a = 'with b as'; export const c = statement()({ text: a });"],
    ['fragments', "export const a = 'case when true then 1 end'; export const b = 'for update';"],
    ['a value with a semicolon', `export const a = "select string_to_table($1, ';') as key";`],
  ])('%s in one file are allowed', async (_what, source) => {
    expect(await faultsOf({ 'notifications/sql/planted.ts': source })).toBe('');
  });

  it('English text with words of SQL is allowed', async () => {
    const source = [
      "export const a = 'Deletes from the end; update the rest, select one, and set it.';",
      "export const b = 'Whether rows are selected from newest to oldest.';",
    ].join('\n');

    expect(await faultsOf({ 'notifications/planted.ts': source })).toBe('');
  });

  it.each([
    ['the driver', "import pg from 'pg'; export const a = pg;"],
    ['a type of the driver', "import type pg from 'pg'; export type A = pg.Pool;"],
    ['the type of the pool', "import type { Database } from '../database/database.ts'; export type A = Database;"],
    ['a re-export of the pool', "export type { Queryable } from '../database/database.ts';"],
  ])('%s is refused above the database', async (_what, source) => {
    expect(await faultsOf({ 'notifications/planted.ts': source })).toBe(
      'src/notifications/planted.ts holds a pool: take Prisma with the methods it needs.',
    );
  });

  it('the driver is allowed in the bus', async () => {
    expect(await faultsOf({ 'live/bus/planted.ts': "import pg from 'pg'; export const a = pg;" })).toBe('');
  });
});
