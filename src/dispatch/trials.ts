import { reasonOf } from './attempt.ts';
import type { Attempt, Outcome } from './methods/method.ts';

/** What ended an attempt: its outcome, or that the dispatcher stops. */
export type TrialEnd = Outcome | 'stopped';

/** Attempts under way, each of which ends in time. */
export interface Trials {
  /** Begins an attempt; `done` is called once, later, whether or not the method heeds that it is given up. */
  run(deliver: (attempt: Attempt) => Promise<Outcome>, done: (end: TrialEnd) => void): void;
  stopAll(): void;
}

interface Trial extends Attempt {
  readonly endsAt: number;
  giveUp(end: TrialEnd): void;
}

/**
 * All attempts have the same time, so that they run out in the order in which they began: one timer, for the oldest, is
 * enough for all of them.
 */
export function createTrials(timeoutMs: number): Trials {
  const running = new Set<Trial>();
  let isWatched = false;

  const watch = (ms: number) => {
    if (isWatched) return;
    isWatched = true;
    // The timer may outlive what it was set for, and must not keep the process for that.
    setTimeout(endLate, ms).unref();
  };
  const endLate = () => {
    isWatched = false;
    const now = performance.now();
    // A copy: what is given up makes room for others, which begin at once.
    for (const trial of [...running]) {
      if (trial.endsAt > now) return watch(trial.endsAt - now + 1);
      trial.giveUp({ kind: 'retry', reason: `no answer within ${timeoutMs} ms` });
    }
  };

  return {
    run(deliver, done) {
      let controller: AbortController | undefined;
      let listener: (() => void) | undefined;
      let isGivenUp = false;
      const finish = (end: TrialEnd) => {
        if (running.delete(trial)) done(end);
      };
      const trial: Trial = {
        endsAt: performance.now() + timeoutMs,
        giveUp(end) {
          isGivenUp = true;
          // First, so that it is this that counts and not what the method says to its being given up.
          finish(end);
          listener?.();
          controller?.abort();
        },
        get signal() {
          controller ??= new AbortController();
          if (isGivenUp) controller.abort();
          return controller.signal;
        },
        onGivenUp(given) {
          listener = given;
          if (isGivenUp) given();
        },
      };
      running.add(trial);
      watch(timeoutMs + 1);
      deliver(trial).then(finish, (error: unknown) => finish({ kind: 'retry', reason: reasonOf(error) }));
    },
    stopAll() {
      for (const trial of running) trial.giveUp('stopped');
    },
  };
}
