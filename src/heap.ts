import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 at most double the old generation between two collections, and never allocate in it directly: hardly
 * anything that a request allocates outlives the request. V8 reads both flags whenever it decides, so they also apply
 * when they are set after the start of the process.
 */
export function tuneHeap(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
