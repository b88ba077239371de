import { afterEach } from '@jest/globals';

const steps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of steps.splice(0).reverse()) await step();
});

/** Runs after the test, the step that was given last first. */
export function afterwards(step: () => unknown): void {
  steps.push(step);
}
