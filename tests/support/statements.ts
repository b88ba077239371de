import type { Database, Queryable } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';

/** The database, with these functions instead of its own for all statements except those of Prisma's own queries. */
export function withStatements(db: Database, statements: Partial<Pick<Database, 'query' | 'transaction'>>): Database {
  return { ...db, ...statements, base: { ...db.base, statements: { ...db.base.statements, ...statements } } };
}

/** Runs `work` while `query` replaces that of the database, except for Prisma's own queries and in transactions. */
export async function whileStatements<T>(db: Database, query: Queryable['query'], work: () => Promise<T>): Promise<T> {
  const { statements } = db.base;
  const { query: original } = statements;
  Object.assign(statements, { query });
  try {
    return await work();
  } finally {
    Object.assign(statements, { query: original });
  }
}

/** The result of `work`, and the statements that the database ran meanwhile, except in transactions. */
export async function statementsOf<T>(db: Database, work: () => Promise<T>): Promise<{ result: T; ran: Sql[] }> {
  const { query } = db.base.statements;
  const ran: Sql[] = [];
  const result = await whileStatements(
    db,
    (statement) => {
      ran.push(statement);
      return query(statement);
    },
    work,
  );
  return { result, ran };
}
