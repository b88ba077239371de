import type { Viewer } from './auth/viewer.ts';
import type { Limits } from './config.ts';
import type { ServicePrisma } from './database/prisma.ts';

/** The first argument of a noun's functions: viewer, store, clock and limits. */
export interface Context {
  readonly prisma: ServicePrisma;
  readonly viewer: Viewer;
  readonly now: () => Date;
  readonly limits: Limits;
}
