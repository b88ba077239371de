/** Calls a callback at future times, using few timers. */
export interface WakeUpTimers {
  /**
   * Schedules a call after `ms` milliseconds or slightly later: by at most `ms` / 64, or 16 ms if that is more. Calls
   * due at about the same time are merged.
   */
  schedule(ms: number): void;
  stop(): void;
}

/** Maximum number of timers. Further calls are dropped, because the regular poll finds all deliveries that are due. */
const maxTimers = 2000;
/** Minimum interval between two calls, in milliseconds. All intervals are powers of two. */
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
