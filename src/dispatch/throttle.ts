import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** Holds back what is sent to one receiver from the moment it first asks to wait. Times are those of `performance.now()`. */
export interface Throttle {
  /** Messages per second; undefined: as many as there are. */
  readonly rate: number | undefined;
  /** When sending goes on after the last pause; in the past: there is none. */
  readonly resumesAt: number;
  /** Whether the next message may be sent now. When not, `onReady` is called as soon as it may be. */
  maySend(): boolean;
  sent(at: number): void;
  accepted(): void;
  /**
   * The receiver asks to wait, for `afterMs` if it says.
   * @param sentAt when the refused message was sent
   * @returns whether a new pause began
   */
  refused(afterMs: number | undefined, sentAt: number): boolean;
  /** `onReady` is not called any more. */
  stop(): void;
}

/** A receiver that has not asked to wait for so long is sent to without a limit again. */
const lifetimeMs = 10 * 60 * 1000;

export function createThrottle({
  measured,
  random,
  onReady,
}: {
  /** Messages per second that are being sent, without a limit. */
  readonly measured: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onReady: () => void;
}): Throttle {
  let limit: RateLimit | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const callLater = (ms: number) => {
    if (isStopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      onReady();
    }, Math.ceil(ms)).unref();
  };

  return {
    get rate() {
      return limit?.rate;
    },
    get resumesAt() {
      return limit?.resumesAt ?? Number.NEGATIVE_INFINITY;
    },
    maySend() {
      if (limit === undefined) return true;
      const now = performance.now();
      if (now - limit.resumesAt > lifetimeMs) limit = undefined;
      const waitMs = limit?.waitMs(now) ?? 0;
      if (waitMs > 0) callLater(waitMs);
      return waitMs === 0;
    },
    sent: (at) => limit?.take(at),
    accepted: () => limit?.accept(),
    refused(afterMs, sentAt) {
      limit ??= createRateLimit(measured(), random);
      return limit.refuse(performance.now(), afterMs, sentAt);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
