/** Tells whether turns of the event loop take too long. */
export interface LoopDelay {
  /** True once two checks in a row were late, until one is in time. A single long turn, as of a large request, is none. */
  isDelayed(): boolean;
  stop(): void;
}

/** How often it is checked. */
const periodMs = 250;

/**
 * @param mostMs how late a check may be
 * @param time milliseconds of a monotonic clock
 */
export function measureLoopDelay(mostMs: number, time: () => number = performance.now.bind(performance)): LoopDelay {
  let lateChecks = 0;
  let checkedAt = time();
  const timer = setInterval(() => {
    const now = time();
    lateChecks = now - checkedAt - periodMs > mostMs ? lateChecks + 1 : 0;
    checkedAt = now;
  }, periodMs).unref();
  return { isDelayed: () => lateChecks > 1, stop: () => clearInterval(timer) };
}
