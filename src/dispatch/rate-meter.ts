/** Counts events and predicts how many will happen in the next window. */
export interface RateMeter {
  /** Records one event. */
  count(): void;
  /**
   * Expected number of events in one window: the count of the last full window. In the first window, and after a window
   * without events, it is extrapolated from the current window; 0 if that has no events.
   */
  expected(): number;
}

/** @param windowMs length of a window */
export function createRateMeter(windowMs: number, clock: () => number = () => performance.now()): RateMeter {
  let start = clock();
  let current = 0;
  let last = 0;
  const startNextWindow = () => {
    const elapsed = clock() - start;
    if (elapsed < windowMs) return;
    last = elapsed < 2 * windowMs ? current : 0;
    current = 0;
    start = clock();
  };
  return {
    count() {
      startNextWindow();
      current += 1;
    },
    expected() {
      startNextWindow();
      const elapsed = clock() - start;
      // A tenth of a window is the shortest time to extrapolate from.
      return last > 0 || elapsed < windowMs / 10 ? Math.max(last, current) : Math.round((current * windowMs) / elapsed);
    },
  };
}
