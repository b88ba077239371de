import type { Database } from '../../src/database/database.ts';
import { type FullPrisma, servicePrisma } from '../../src/prisma.ts';

/**
 * Prisma whose hand-written statements go through this database's `query` and `transaction`, which a test may replace.
 */
export function prismaOver(db: Database): FullPrisma {
  return servicePrisma({ ...db, base: { ...db.base, statements: db } });
}
