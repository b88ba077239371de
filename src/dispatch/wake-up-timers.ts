/** Calls a callback at future times, using few timers. */
export interface WakeUpTimers {
  /**
   * Schedules a call in `ms` milliseconds, up to a sixty-fourth of that later. Calls due at about the same time are
   * merged.
   */
  schedule(ms: number): void;
  stop(): void;
}

/** Most timers at one time. Calls beyond that are dropped: the regular poll finds what is due. */
const maxTimers = 2000;
/** Shortest distance between two calls, in milliseconds. A power of two, as all distances are. */
const minStepMs = 16;
const stepsPerWait = 64;

export function createWakeUpTimers(callback: () => void): WakeUpTimers {
  const timers = new Map<number, NodeJS.Timeout>();
  let isStopped = false;
  return {
    schedule(ms) {
      if (isStopped) return;
      const now = performance.now();
      const stepMs = Math.max(minStepMs, 2 ** Math.floor(Math.log2(Math.max(ms, 1) / stepsPerWait)));
      const at = Math.ceil((now + ms) / stepMs) * stepMs;
      if (timers.has(at) || timers.size >= maxTimers) return;
      const timer = setTimeout(
        () => {
          timers.delete(at);
          callback();
        },
        at - now + 2,
      );
      timers.set(at, timer.unref());
    },
    stop() {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
