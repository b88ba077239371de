import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 at most double the old generation between two collections, and never allocate in it directly, because hardly
 * anything that a request allocates outlives the request. V8 reads both flags at each decision, so they also apply when
 * they are set after the start of the process.
 */
export function tuneHeap(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
