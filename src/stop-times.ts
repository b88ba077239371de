import type { Config } from './config.ts';

/** Of a stop, at most, for what comes after the last request and delivery, in milliseconds. */
const longestReserveMs = 2_000;

/** What a stop may take in whole milliseconds: timers take no parts of one. */
export interface StopTimes {
  /** All of it. */
  readonly timeoutMs: number;
  /** Serving and sending. */
  readonly graceMs: number;
  /** Storing results. The rest is for the database. */
  readonly flushMs: number;
}

export function stopTimes({ timeoutMs }: Config['stop']): StopTimes {
  const reserveMs = Math.min(timeoutMs / 4, longestReserveMs);
  return {
    // It ends a little before the process is ended.
    timeoutMs: Math.floor(0.99 * timeoutMs),
    graceMs: Math.floor(timeoutMs - reserveMs),
    flushMs: Math.floor(reserveMs / 2),
  };
}
