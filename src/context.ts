import type { Viewer } from './auth/viewer.ts';
import type { Limits } from './config.ts';
import type { Database } from './database/database.ts';
import type { ServicePrisma } from './database/prisma.ts';

/** What a noun's function is given first: who asks, of what store, at what time, within what limits. */
export interface Context {
  readonly db: Database;
  readonly prisma: ServicePrisma;
  readonly viewer: Viewer;
  readonly now: () => Date;
  readonly limits: Limits;
}
