/** Counts events and predicts how many happen in one window. */
export interface RateMeter {
  /** Records one event. */
  count(): void;
  /**
   * Expected number of events in one window: the count of the last full window, or of the current one if that is
   * already higher. In the first window, and after a window without events, it is extrapolated from the current window
   * once a tenth of it has passed, and is the current count until then.
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
