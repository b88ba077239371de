import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

type Callback = Parameters<pg.Pool['connect']>[0];

/** Between two looks at whether all connections are back. */
const lookMs = 20;

/** A pool that can be told to give out no more connections, to Prisma neither. */
export class GatedPool extends pg.Pool {
  #isShut = false;

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): unknown {
    const error = this.#isShut ? new Error('The database must not be used by this node any more.') : undefined;
    if (callback === undefined) return error === undefined ? super.connect() : Promise.reject(error);
    if (error === undefined) super.connect(callback);
    else process.nextTick(callback, error, undefined, () => undefined);
    return undefined;
  }

  /** Gives out no more connections; fulfilled when all are back. */
  async shut(): Promise<void> {
    this.#isShut = true;
    // No event tells of a connection that could not be made.
    while (this.totalCount > this.idleCount || this.waitingCount > 0) await delay(lookMs);
  }

  open(): void {
    this.#isShut = false;
  }
}
