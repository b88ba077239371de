import type { Database } from '../../src/database/database.ts';

/** The database, whose statements run through these functions wherever they come from, but for Prisma's own. */
export function withStatements(db: Database, statements: Partial<Pick<Database, 'query' | 'transaction'>>): Database {
  return { ...db, ...statements, base: { ...db.base, statements: { ...db.base.statements, ...statements } } };
}
