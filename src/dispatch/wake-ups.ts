/** Calls at times to come, with few timers. */
export interface WakeUps {
  /** Calls in so many milliseconds, or up to a sixty-fourth of that later: calls of about the same time are one. */
  in(ms: number): void;
  stop(): void;
}

/** Most timers at one time. Beyond that the regular look finds what is due. */
const mostTimers = 2000;
/** Calls are not closer together than that, in milliseconds. A power of two, as all the distances are. */
const leastStepMs = 16;
const stepsPerWait = 64;

/** @param call wakes whoever looks for what is due */
export function createWakeUps(call: () => void): WakeUps {
  const timers = new Map<number, NodeJS.Timeout>();
  let isStopped = false;
  return {
    in(ms) {
      if (isStopped) return;
      const now = performance.now();
      const stepMs = Math.max(leastStepMs, 2 ** Math.floor(Math.log2(Math.max(ms, 1) / stepsPerWait)));
      const at = Math.ceil((now + ms) / stepMs) * stepMs;
      if (timers.has(at) || timers.size >= mostTimers) return;
      const timer = setTimeout(
        () => {
          timers.delete(at);
          call();
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
