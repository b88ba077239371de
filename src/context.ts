import type { Viewer } from './auth/viewer.ts';
import type { Limits } from './config.ts';
import type { Database } from './database/database.ts';
import type { Outbox } from './dispatch/outbox.ts';
import type { Bus } from './live/bus/bus.ts';

/** What a noun's function is given first: who asks, of what store, at what time, within what limits. */
export interface Context {
  readonly db: Database;
  readonly viewer: Viewer;
  readonly now: () => Date;
  readonly bus: Bus;
  readonly limits: Limits;
  /** How what is to be sent gets out. */
  readonly outbox: Outbox;
}
