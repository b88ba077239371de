import { describe, expect, it } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import { exportUser } from '../../src/user-data/export-user.ts';
import { contextFor } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';
import { aFullUser } from './a-full-user.ts';
import { decisions, lineFields, renamed, words } from './decisions.ts';

const { db } = await onTestDatabase();

/** The columns that a table of `decisions` names. */
const namedIn = (table: string): string[] => {
  const { exported, leftOut } = decisions[table] ?? { leftOut: {} };
  return [...words(exported), ...Object.values(leftOut).flatMap(words)];
};

async function columns(): Promise<string[]> {
  const rows = await db.query<{ name: string }>({
    text: `
      select table_name || '.' || column_name as name
      from information_schema.columns join information_schema.tables using (table_catalog, table_schema, table_name)
      where table_schema = current_schema and table_type = 'BASE TABLE' and table_name <> '_prisma_migrations'`,
    values: [],
  });
  return rows.map(({ name }) => name).sort();
}

describe('the data of a user', () => {
  it('each column of each table is exported or left out for a reason: decide about a new one in decisions.ts', async () => {
    const decided = Object.keys(decisions).flatMap((table) => namedIn(table).map((column) => `${table}.${column}`));

    expect(decided.sort()).toEqual(await columns());
  });

  it('each exported column is a field of a line', () => {
    const fields = new Set(Object.values(lineFields).flatMap(words));
    const exported = Object.values(decisions).flatMap((table) => words(table.exported));

    expect(exported.map((column) => renamed[column] ?? column).filter((field) => !fields.has(field))).toEqual([]);
  });

  it('an export has a line of each type, with these fields and without secrets', async () => {
    const { user } = await aFullUser(db);

    const lines = [];
    for await (const line of await exportUser(contextFor(db, userViewer(user, 'member')), 'me')) lines.push(line);

    const shapes = new Map(lines.map(({ type, data }) => [type, Object.keys(data).join(' ')]));
    expect(Object.fromEntries(shapes)).toEqual(lineFields);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(lines.find(({ type }) => type === 'profile')?.data).toMatchObject({ has_password: true });
  });
});
