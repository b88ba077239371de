import type { Viewer } from './auth/viewer.ts';
import type { Limits } from './config.ts';
import type { ServicePrisma } from './database/prisma.ts';
import type { Span } from './tracing.ts';

/** The first argument of a noun's functions: viewer, store, clock and limits. */
export interface Context {
  readonly prisma: ServicePrisma;
  readonly viewer: Viewer;
  readonly now: () => Date;
  readonly limits: Limits;
  /** The span that the work of this context belongs to; undefined if nothing is traced. */
  readonly span?: Span | undefined;
}
