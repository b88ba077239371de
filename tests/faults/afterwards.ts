import { afterEach } from '@jest/globals';

const steps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of steps.splice(0).reverse()) await step();
});

/** Runs a step after the test; steps run in reverse order. */
export function afterwards(step: () => unknown): void {
  steps.push(step);
}
