import { setTimeout as delay } from 'node:timers/promises';

/** How something is ended. */
export interface StepEnd {
  /** How long it may take, in milliseconds; it is left behind after that. */
  readonly mostMs: number;
  /** Aborted when it is to be ended at once. */
  readonly hurry: AbortSignal;
}

/** Something that was started, and how it is ended. */
export interface Step {
  /** What is being done, for whoever reads that it took too long: `closing the database`. */
  readonly name: string;
  readonly end: (how: StepEnd) => Promise<void> | void;
  /** Of the time that is left; the rest is for what is ended after it. */
  readonly share: number;
}

/** Ends what was started, the last first. */
export interface Teardown {
  add(step: Step): void;
  /**
   * Ends everything, within `timeoutMs`, and at once from when `hurry` is aborted. A step that fails or takes too long keeps none of those after it.
   * @throws Error naming the steps that were not done.
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
      // Taken off as it goes, so that nothing is ended twice.
      for (let step = steps.pop(); step; step = steps.pop()) {
        const mostMs = Math.max(0, (endsAt - performance.now()) * step.share);
        const fault = await within(mostMs, async () => step.end({ mostMs, hurry }));
        if (fault !== undefined) faults.push(`${step.name}: ${fault}`);
      }
      if (faults.length > 0) throw new Error(`The stop was not clean. ${faults.join('; ')}.`);
    },
  };
}

/** What went wrong, if something did. */
async function within(mostMs: number, work: () => Promise<void>): Promise<string | undefined> {
  const over = new AbortController();
  const done = work().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const late = delay(mostMs, 'it took too long', { signal: over.signal, ref: false }).catch(() => undefined);
  const fault = await Promise.race([done, late]);
  over.abort();
  return fault;
}
