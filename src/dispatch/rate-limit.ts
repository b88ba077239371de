import { longestRetryMs } from './retry.ts';

/**
 * How fast a receiver is sent to that asked to wait. Times are milliseconds of a clock that only goes forward, such as
 * `performance.now()`.
 */
export interface RateLimit {
  /** Messages per second that may be sent now. */
  readonly rate: number;
  /** The end of the last pause. */
  readonly resumesAt: number;
  /** Milliseconds until the next message may be sent; 0: now. */
  waitMs(now: number): number;
  /** Called when a message is sent. */
  take(now: number): void;
  /** Called when a message was answered with anything but the request to wait. */
  accept(): void;
  /**
   * Called when the receiver asks to wait. Answers to what was sent before a pause can only make it longer.
   * @param afterMs how long, as the receiver says; undefined: it does not say
   * @param sentAt when the refused message was sent
   * @returns whether a new pause began
   */
  refuse(now: number, afterMs: number | undefined, sentAt: number): boolean;
}

/** One message a second: a lower rate would learn too slowly that the receiver is back. */
const leastRate = 1;
/** Share of the pause added at random, so that nodes do not come back together. */
const jitterShare = 0.25;
const mostJitterMs = 10_000;
/** The first pause for a receiver that does not say how long; it doubles while nothing is accepted. */
const defaultPauseMs = 1000;
const longestDefaultPauseMs = 60_000;
/** Late timers are made up for by sending closer together, for so long at most. */
const catchUpMs = 25;
/** Time constant of the way back to the ceiling. */
const recoverySeconds = 1;
/** After `seconds` the rate is by `share` above the ceiling; that share doubles with every `doublingSeconds`. */
const probe = { seconds: 10, share: 0.02, doublingSeconds: 2.5 } as const;
/** What the ceiling may be of the rate that was refused. */
const ceilingShares = { afterDoubling: 0.7, least: 0.5, most: 0.95 } as const;
/** What must be accepted between two pauses, or how long that must take, to tell something of the receiver's limit. */
const telling = { accepted: 5, seconds: 1 } as const;
/** Of a pause, the time in which a receiver may have saved up for a burst. */
const longestSavingSeconds = 1;

/**
 * Congestion control for a receiver whose rate limit is unknown. When it asks to wait, sending pauses for that long and
 * goes on at half the rate. At first the rate doubles each second; a refusal then sets a ceiling, an estimate of what the
 * receiver accepts: the rate returns to it quickly and goes beyond it slowly at first, then faster and faster,
 * as CUBIC does (RFC 9438). The rate grows with the messages sent instead of the time passed, because a rate that is not used proves nothing.
 * @param measured messages per second that were sent before the receiver first asked to wait
 * @param random from 0 to 1
 */
export function createRateLimit(measured: number, random: () => number): RateLimit {
  /** The rate at the end of the last pause. */
  let base = Math.max(measured / 2, leastRate);
  let ceiling: number | undefined;
  let rate = base;
  /** How long the messages since the last pause take, each at the rate at which it was sent. */
  let busySeconds = 0;
  let accepted = 0;
  let pausedAt: number | undefined;
  let resumesAt = Number.NEGATIVE_INFINITY;
  let nextAt = Number.NEGATIVE_INFINITY;
  let pausesWithoutTime = 0;

  const currentRate = () => {
    if (ceiling === undefined) return base * 2 ** Math.min(busySeconds, 40);
    const recovered = ceiling - (ceiling - base) * Math.exp(-busySeconds / recoverySeconds);
    const doublings = (busySeconds - probe.seconds) / probe.doublingSeconds;
    return recovered + ceiling * probe.share * 2 ** Math.min(doublings, 40);
  };
  /**
   * Between what was accepted per second since the last pause, which holds the burst that a receiver may allow on top of
   * its rate, and the same with the part of the pause in which that may have been saved up.
   */
  const newCeiling = (now: number, pausedBefore: number) => {
    const seconds = Math.max(now - resumesAt, 1) / 1000;
    // Who accepts nothing is away, and who accepts a few refuses for another reason than the rate, or at a far lower one:
    // what was known of the limit does not hold.
    if (accepted < telling.accepted && (accepted === 0 || seconds < telling.seconds)) return undefined;
    if (ceiling === undefined) return rate * ceilingShares.afterDoubling;
    const savingSeconds = Math.min((resumesAt - pausedBefore) / 1000, longestSavingSeconds);
    const estimate = accepted / Math.sqrt(seconds * (seconds + savingSeconds));
    return Math.max(Math.min(Math.max(estimate, rate * ceilingShares.least), rate * ceilingShares.most), leastRate);
  };
  const pauseMs = (afterMs: number | undefined) => {
    const ms =
      afterMs === undefined || afterMs <= 0
        ? Math.min(defaultPauseMs * 2 ** Math.max(pausesWithoutTime - 1, 0), longestDefaultPauseMs)
        : Math.min(afterMs, longestRetryMs);
    return ms + random() * Math.min(ms * jitterShare, mostJitterMs);
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
        // Answers that came during the first pause belong to what was sent before it.
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
      pausesWithoutTime = 0;
    },
    refuse(now, afterMs, sentAt) {
      const isNew = sentAt >= resumesAt;
      if (isNew) {
        if (pausedAt !== undefined) {
          ceiling = newCeiling(now, pausedAt);
          base = Math.max(Math.min(rate, ceiling ?? rate) / 2, leastRate);
        }
        pausesWithoutTime += 1;
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
