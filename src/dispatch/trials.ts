import { reasonOf } from './attempt.ts';
import { createDeadlines } from './deadlines.ts';
import type { Attempt, Outcome, WaitRequest } from './methods/method.ts';

/** What ended an attempt: its outcome, or that the dispatcher stops. */
export type TrialEnd = Outcome | WaitRequest | 'stopped';

/** Attempts under way, each of which ends in time. */
export interface Trials {
  /** Begins an attempt; `done` is called once, later, whether or not the method heeds that it is given up. */
  run(deliver: (attempt: Attempt) => Promise<Outcome | WaitRequest>, done: (end: TrialEnd) => void): void;
  stopAll(): void;
}

interface Trial extends Attempt {
  readonly done: (end: TrialEnd) => void;
  listener: (() => void) | undefined;
  isGivenUp: boolean;
}

export function createTrials(timeoutMs: number): Trials {
  const giveUp = (trial: Trial, end: TrialEnd) => {
    // First, so that it is this that counts and not what the method says to its being given up.
    trial.done(end);
    trial.isGivenUp = true;
    trial.listener?.();
  };
  const running = createDeadlines<Trial>(timeoutMs, (trial) =>
    giveUp(trial, { kind: 'retry', reason: `no answer within ${timeoutMs} ms` }),
  );

  return {
    run(deliver, done) {
      const trial = aTrial(done);
      const deadline = running.add(trial);
      const finish = (end: TrialEnd) => {
        // With it goes the request and its body, which would outlive the young generation otherwise, and take more time for
        // that than for being sent (measured; see bench/README.md).
        trial.listener = undefined;
        if (running.end(deadline)) done(end);
      };
      deliver(trial).then(finish, (error: unknown) => finish({ kind: 'retry', reason: reasonOf(error) }));
    },
    stopAll() {
      for (const trial of running.endAll()) giveUp(trial, 'stopped');
    },
  };
}

/** There are very many, so each is a record; what it does is shared. */
function aTrial(done: (end: TrialEnd) => void): Trial {
  return { done, listener: undefined, isGivenUp: false, onGivenUp };
}

function onGivenUp(this: Trial, listener: () => void): void {
  this.listener = listener;
  if (this.isGivenUp) listener();
}
