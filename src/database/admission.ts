import type { Logger } from 'pino';

/** Work that a node may only do while its version fits the database. */
export interface GuardedWork {
  /** Takes nothing more, and is fulfilled when nothing is written any more. */
  pause(): Promise<void>;
  resume(): void;
}

/** Keeps what a node does in line with whether it may write the database. */
export interface Admission {
  /** Pauses the work while this node may not write; the answer ends that. */
  guard(work: GuardedWork): () => void;
  /** @param reason why this node may not write, or undefined when it may. */
  judge(reason: string | undefined): void;
  /** Whether nothing of this node writes, so that it needs no lock. */
  isPaused(): boolean;
}

/** @param release called when nothing of this node writes any more. */
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
      log.error({ err: error }, 'the work of this node could not be paused');
    }
    // What was judged meanwhile is seen by the next look.
    isMoving = false;
  }

  return {
    guard(work) {
      guarded.add(work);
      // It began when there was nothing to pause yet.
      if (isPaused) {
        isPaused = false;
        void move();
      }
      return () => void guarded.delete(work);
    },
    judge(reason) {
      if (reason !== undefined && refusal === undefined) log.error({ reason }, 'this node takes no more work');
      if (reason === undefined && refusal !== undefined) log.info('this node may write the database again');
      refusal = reason;
      void move();
    },
    isPaused: () => isPaused,
  };
}
