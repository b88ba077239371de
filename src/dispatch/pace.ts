/** How fast something happens. */
export interface Pace {
  /** It happened once more. */
  count(): void;
  /**
   * How often it will happen within one window, going by the last whole one. At first, and after a standstill, going by
   * what has happened since: 0 when that is nothing.
   */
  expected(): number;
}

/** @param windowMs what is counted together */
export function createPace(windowMs: number, clock: () => number = () => performance.now()): Pace {
  let start = clock();
  let current = 0;
  let last = 0;
  const roll = () => {
    const elapsed = clock() - start;
    if (elapsed < windowMs) return;
    last = elapsed < 2 * windowMs ? current : 0;
    current = 0;
    start = clock();
  };
  return {
    count() {
      roll();
      current += 1;
    },
    expected() {
      roll();
      const elapsed = clock() - start;
      // Of too short a time nothing can be said.
      return last > 0 || elapsed < windowMs / 10 ? Math.max(last, current) : Math.round((current * windowMs) / elapsed);
    },
  };
}
