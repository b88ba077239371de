import type { Logger } from 'pino';

/** Work that a node may only do while its version fits the database. */
export interface GuardedWork {
  /** Accepts no new work; resolves when the last write has ended. */
  pause(): Promise<void>;
  resume(): void;
}

/** Pauses and resumes a node's work as it loses and regains the right to write to the database. */
export interface Admission {
  /** Pauses the work whenever this node may not write. Returns a function that removes it. */
  guard(work: GuardedWork): () => void;
  /** @param reason why this node may not write, or undefined when it may. */
  judge(reason: string | undefined): void;
  /** Whether all work of this node is paused, so that the node need not hold its lock. */
  isPaused(): boolean;
}

/** @param release called when all work of this node is paused; releases the node's lock. */
export function createAdmission(log: Pick<Logger, 'info' | 'error'>, release: () => Promise<void>): Admission {
  const guarded = new Set<GuardedWork>();
  let refusal: string | undefined;
  let isPaused = false;
  let isMoving = false;

  async function move(): Promise<void> {
    if (isMoving) return;
    isMoving = true;
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
    // A reason given to `judge` in the meantime is applied at its next call.
    isMoving = false;
  }

  return {
    guard(work) {
      guarded.add(work);
      // The new work is still running: pause everything again, including it.
      if (isPaused) {
        isPaused = false;
        void move();
      }
      return () => void guarded.delete(work);
    },
    judge(reason) {
      if (reason !== undefined && refusal === undefined)
        log.error({ reason }, 'this node may no longer write to the database');
      if (reason === undefined && refusal !== undefined) log.info('this node may write to the database again');
      refusal = reason;
      void move();
    },
    isPaused: () => isPaused,
  };
}
