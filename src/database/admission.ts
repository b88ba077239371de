import type { Logger } from 'pino';

/** Work that a node may do only while its version is compatible with the database. */
export interface GuardedWork {
  /** Accepts no new work; resolves when the last write has ended. */
  pause(): Promise<void>;
  resume(): void;
}

/** Pauses and resumes a node's work as it loses and regains the right to write to the database. */
export interface Admission {
  /** Pauses the work whenever this node may not write. Returns a function that removes the work. */
  guard(work: GuardedWork): () => void;
  /**
   * To be called with the result of each check.
   * @param reason why this node may not write; undefined if it may
   */
  update(reason: string | undefined): void;
  /** Whether all work of this node is paused, so that the node need not hold its lock. */
  isPaused(): boolean;
}

/** @param release called when all work of this node is paused; releases the node's lock. */
export function createAdmission(log: Pick<Logger, 'info' | 'error'>, release: () => Promise<void>): Admission {
  const guarded = new Set<GuardedWork>();
  let refusal: string | undefined;
  let isPaused = false;
  let isApplying = false;

  async function apply(): Promise<void> {
    if (isApplying) return;
    isApplying = true;
    try {
      if (refusal !== undefined && !isPaused) {
        await Promise.all([...guarded].map((work) => work.pause()));
        isPaused = true;
        await release();
      } else if (refusal === undefined && isPaused) {
        isPaused = false;
        for (const work of guarded) work.resume();
      }
    } catch (error) {
      log.error({ err: error }, 'failed to pause the work of this node');
    }
    // If `update` was called in the meantime, its next call applies the change.
    isApplying = false;
  }

  return {
    guard(work) {
      guarded.add(work);
      // The new work is still running, so everything is paused again, including the new work.
      if (isPaused) {
        isPaused = false;
        void apply();
      }
      return () => void guarded.delete(work);
    },
    update(reason) {
      if (reason !== undefined && refusal === undefined)
        log.error({ reason }, 'this node may no longer write to the database');
      if (reason === undefined && refusal !== undefined) log.info('this node may write to the database again');
      refusal = reason;
      void apply();
    },
    isPaused: () => isPaused,
  };
}
