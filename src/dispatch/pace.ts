/** How fast something happens. */
export interface Pace {
  /** It happened once more. */
  count(): void;
  /** How often it will happen within one window, going by the last whole one; 0 at first and after a standstill. */
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
      return last;
    },
  };
}
