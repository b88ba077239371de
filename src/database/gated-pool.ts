import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

type Callback = Parameters<pg.Pool['connect']>[0];

/** Milliseconds between checks whether all connections are returned. */
const pollMs = 20;

/** A pool that can refuse to give out connections, even to Prisma. */
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

  /** Stops giving out connections; resolves when all are returned. */
  async shut(): Promise<void> {
    this.#isShut = true;
    // Polls, because the pool emits no event when a connection attempt fails.
    while (this.totalCount > this.idleCount || this.waitingCount > 0) await delay(pollMs);
  }

  open(): void {
    this.#isShut = false;
  }
}
