import { maxRetryMs } from './retry-policy.ts';

/**
 * The adaptive rate limit of a receiver that asked to wait. Times are milliseconds of a monotonic clock, such as
 * `performance.now()`.
 */
export interface RateLimit {
  /** Messages per second that may be sent now. */
  readonly rate: number;
  /** End of the last pause. */
  readonly resumesAt: number;
  /** Milliseconds until the next message may be sent; 0 if it may be sent now. */
  waitMs(now: number): number;
  /** To be called when a message is sent. */
  take(now: number): void;
  /** To be called for every response that does not ask to wait. */
  accept(): void;
  /**
   * To be called when the receiver asks to wait. If the message was sent before the current pause, this can only
   * extend it.
   * @param afterMs how long the receiver asks to wait; undefined if it does not say
   * @param sentAt when the refused message was sent
   * @returns whether this started a new pause
   */
  refuse(now: number, afterMs: number | undefined, sentAt: number): boolean;
}

/**
 * Minimum rate in messages per second. With a lower rate, it would take too long to notice that the receiver has
 * recovered.
 */
const minRate = 1;
/** Maximum random time added to a pause, as a share of the pause, so that nodes do not resume at the same time. */
const jitterShare = 0.25;
const maxJitterMs = 10_000;
/**
 * First pause if the receiver does not say how long to wait. Each further pause is twice as long, until a message is
 * accepted.
 */
const defaultPauseMs = 1000;
const maxDefaultPauseMs = 60_000;
/** After a late timer, messages are sent closer together to catch up with the rate, by at most this much time. */
const catchUpMs = 25;
/** Time constant of the exponential return to the ceiling. */
const recoverySeconds = 1;
/** After `seconds`, the rate exceeds the ceiling by `share`; the share doubles every `doublingSeconds`. */
const probe = { seconds: 10, share: 0.02, doublingSeconds: 2.5 } as const;
/**
 * The ceiling as a share of the refused rate: `afterDoubling` for the first ceiling, `least` and `most` for later ones.
 */
const ceilingShares = { afterDoubling: 0.7, least: 0.5, most: 0.95 } as const;
/**
 * The receiver's limit is estimated only from periods between two pauses in which at least this many messages were
 * accepted, or which were at least this long.
 */
const conclusive = { accepted: 5, seconds: 1 } as const;
/** Maximum part of a pause in which the receiver may have accumulated capacity for a burst. */
const maxBurstSeconds = 1;

/**
 * Congestion control for a receiver whose rate limit is unknown. When it asks to wait, sending pauses for that long
 * and resumes at half the rate. At first the rate doubles every second. The next refusal sets a ceiling, an estimate
 * of what the receiver accepts: the rate returns to it quickly and exceeds it slowly at first, then increasingly
 * faster, as CUBIC does (RFC 9438). The rate grows with the messages sent instead of with time, because an unused
 * rate proves nothing.
 * @param measured messages per second that were sent before the receiver first asked to wait
 * @param random from 0 to 1
 */
export function createRateLimit(measured: number, random: () => number): RateLimit {
  /** The rate after the last pause. */
  let base = Math.max(measured / 2, minRate);
  let ceiling: number | undefined;
  let rate = base;
  /** Time since the last pause in which messages were sent: each counts for 1 / the rate at which it was sent. */
  let busySeconds = 0;
  let accepted = 0;
  let pausedAt: number | undefined;
  let resumesAt = Number.NEGATIVE_INFINITY;
  let nextAt = Number.NEGATIVE_INFINITY;
  let pausesWithoutAccept = 0;

  const currentRate = () => {
    if (ceiling === undefined) return base * 2 ** Math.min(busySeconds, 40);
    const recovered = ceiling - (ceiling - base) * Math.exp(-busySeconds / recoverySeconds);
    const doublings = (busySeconds - probe.seconds) / probe.doublingSeconds;
    return recovered + ceiling * probe.share * 2 ** Math.min(doublings, 40);
  };
  /**
   * The geometric mean of two estimates. The first is the number of messages accepted per second since the last pause;
   * it is too high if the receiver allows a burst on top of its rate. The second also counts the part of the pause in
   * which that burst accumulated.
   */
  const newCeiling = (now: number, pausedBefore: number) => {
    const seconds = Math.max(now - resumesAt, 1) / 1000;
    // A receiver that accepts no messages is down. If it accepts only a few, it refuses for another reason, or its
    // limit is now far lower. In both cases the previous estimate is no longer valid.
    if (accepted < conclusive.accepted && (accepted === 0 || seconds < conclusive.seconds)) return undefined;
    if (ceiling === undefined) return rate * ceilingShares.afterDoubling;
    const burstSeconds = Math.min((resumesAt - pausedBefore) / 1000, maxBurstSeconds);
    const estimate = accepted / Math.sqrt(seconds * (seconds + burstSeconds));
    return Math.max(Math.min(Math.max(estimate, rate * ceilingShares.least), rate * ceilingShares.most), minRate);
  };
  const pauseMs = (afterMs: number | undefined) => {
    const ms =
      afterMs === undefined || afterMs <= 0
        ? Math.min(defaultPauseMs * 2 ** Math.max(pausesWithoutAccept - 1, 0), maxDefaultPauseMs)
        : Math.min(afterMs, maxRetryMs);
    return ms + random() * Math.min(ms * jitterShare, maxJitterMs);
  };

  return {
    get rate() {
      return rate;
    },
    get resumesAt() {
      return resumesAt;
    },
    waitMs: (now) => Math.max(nextAt - now, 0),
    take(now) {
      if (ceiling === undefined && busySeconds === 0) {
        // Responses that arrived during the first pause belong to messages sent before it.
        base = Math.max(base, accepted / 2);
        rate = base;
        accepted = 0;
      }
      nextAt = Math.max(nextAt, now - catchUpMs) + 1000 / rate;
      busySeconds += 1 / rate;
      rate = currentRate();
    },
    accept() {
      accepted += 1;
      pausesWithoutAccept = 0;
    },
    refuse(now, afterMs, sentAt) {
      const isNew = sentAt >= resumesAt;
      if (isNew) {
        if (pausedAt !== undefined) {
          ceiling = newCeiling(now, pausedAt);
          base = Math.max(Math.min(rate, ceiling ?? rate) / 2, minRate);
        }
        pausesWithoutAccept += 1;
        pausedAt = now;
        accepted = 0;
        busySeconds = 0;
        rate = base;
      }
      resumesAt = Math.max(resumesAt, now + pauseMs(afterMs));
      nextAt = resumesAt;
      return isNew;
    },
  };
}
