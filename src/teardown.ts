import { setTimeout as delay } from 'node:timers/promises';

/** The conditions under which a step is ended. */
export interface StepEnd {
  /** Maximum milliseconds; after that it is abandoned. */
  readonly maxMs: number;
  /** Aborted when it has to end immediately. */
  readonly hurry: AbortSignal;
}

/** Something that was started, and how to end it. */
export interface Step {
  /** What is being done, for the message about a timeout: `closing the database`. */
  readonly name: string;
  readonly end: (how: StepEnd) => Promise<void> | void;
  /** Share of the remaining time; the rest is for the following steps. */
  readonly share: number;
}

/** Ends what was started, in reverse order. */
export interface Teardown {
  add(step: Step): void;
  /**
   * Ends everything within `timeoutMs`, and immediately once `hurry` is aborted. A step that fails or hangs does not
   * prevent the following ones.
   * @throws Error naming the steps that were not completed.
   */
  run(timeoutMs: number, hurry?: AbortSignal): Promise<void>;
}

export function createTeardown(): Teardown {
  const steps: Step[] = [];
  return {
    add: (step) => void steps.push(step),
    async run(timeoutMs, hurry = new AbortController().signal) {
      const endsAt = performance.now() + timeoutMs;
      const faults: string[] = [];
      // Removed while ending, so that nothing is ended twice.
      for (let step = steps.pop(); step; step = steps.pop()) {
        const maxMs = Math.max(0, (endsAt - performance.now()) * step.share);
        const fault = await within(maxMs, async () => step.end({ maxMs, hurry }));
        if (fault !== undefined) faults.push(`${step.name}: ${fault}`);
      }
      if (faults.length > 0) throw new Error(`The stop was not clean. ${faults.join('; ')}.`);
    },
  };
}

/** The error, if any. */
async function within(maxMs: number, work: () => Promise<void>): Promise<string | undefined> {
  const over = new AbortController();
  const done = work().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const late = delay(maxMs, 'it took too long', { signal: over.signal, ref: false }).catch(() => undefined);
  const fault = await Promise.race([done, late]);
  over.abort();
  return fault;
}
