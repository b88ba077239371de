import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** Limits the rate of sending to one receiver once it has asked to wait. Times are times of `performance.now()`. */
export interface Throttle {
  /** Messages per second; undefined while there is no limit. */
  readonly rate: number | undefined;
  /** End of the last pause; in the past if sending is not paused. */
  readonly resumesAt: number;
  /** Whether the next message may be sent now. If not, `onReady` is called once it may. */
  maySend(): boolean;
  /** To be called when a message is sent. */
  sent(at: number): void;
  /** To be called for every response that does not ask to wait. */
  accepted(): void;
  /**
   * To be called when the receiver asks to wait.
   * @param afterMs how long the receiver asks to wait; undefined if it does not say
   * @param sentAt when the refused message was sent
   * @returns whether this started a new pause
   */
  refused(afterMs: number | undefined, sentAt: number): boolean;
  /** Ensures that `onReady` is no longer called. */
  stop(): void;
}

/** The rate limit of a receiver is removed when its last pause ended this long ago. */
const lifetimeMs = 10 * 60 * 1000;

export function createThrottle({
  measured,
  random,
  onReady,
}: {
  /** Returns the messages per second that are currently sent, to start a new limit from. */
  readonly measured: () => number;
  /** Returns a number from 0 to 1. */
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
