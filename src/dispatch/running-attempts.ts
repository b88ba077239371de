import { type Attempt, failureReason, type Outcome, type WaitRequest } from './methods/method.ts';
import { createTimeoutQueue } from './timeout-queue.ts';

/** Why an attempt ended: with its outcome, with a request to wait, or because the dispatcher stopped. */
export type AttemptEnd = Outcome | WaitRequest | 'stopped';

/** The attempts that are running, each with a timeout. */
export interface RunningAttempts {
  /**
   * Starts an attempt. `onEnd` is called exactly once, asynchronously; after a timeout it is called even if the
   * method keeps running.
   */
  run(deliver: (attempt: Attempt) => Promise<Outcome | WaitRequest>, onEnd: (end: AttemptEnd) => void): void;
  stopAll(): void;
}

interface RunningAttempt extends Attempt {
  readonly onEnd: (end: AttemptEnd) => void;
  listener: (() => void) | undefined;
  isCancelled: boolean;
}

export function createRunningAttempts(timeoutMs: number): RunningAttempts {
  const cancel = (attempt: RunningAttempt, end: AttemptEnd) => {
    // Called before the listener, so that this end is reported and not the error that cancelling the method causes.
    attempt.onEnd(end);
    attempt.isCancelled = true;
    attempt.listener?.();
  };
  const running = createTimeoutQueue<RunningAttempt>(timeoutMs, (attempt) =>
    cancel(attempt, { kind: 'retry', reason: `no response within ${timeoutMs} ms` }),
  );

  return {
    run(deliver, onEnd) {
      const attempt = createAttempt(onEnd);
      const entry = running.add(attempt);
      const finish = (end: AttemptEnd) => {
        // The listener references the request and its body. If the reference were kept, they would be promoted to the
        // old generation, where collecting them costs more time than sending them (measured; see docs/measurements.md).
        attempt.listener = undefined;
        if (running.remove(entry)) onEnd(end);
      };
      deliver(attempt).then(finish, (error: unknown) => finish({ kind: 'retry', reason: failureReason(error) }));
    },
    stopAll() {
      for (const attempt of running.removeAll()) cancel(attempt, 'stopped');
    },
  };
}

/** There can be thousands of attempts, so each is a plain record, and all share the same method. */
function createAttempt(onEnd: (end: AttemptEnd) => void): RunningAttempt {
  return { onEnd, listener: undefined, isCancelled: false, onCancel };
}

function onCancel(this: RunningAttempt, listener: () => void): void {
  this.listener = listener;
  if (this.isCancelled) listener();
}
