import type { Config } from './config.ts';

/** Maximum milliseconds of a stop reserved for the time after the last request and delivery. */
const maxReserveMs = 2_000;

/** The phases of a stop in integer milliseconds, as timers require. */
export interface StopTimes {
  /** The whole stop. */
  readonly timeoutMs: number;
  /** Serving and sending. */
  readonly graceMs: number;
  /** Storing results. The rest of the time is for closing the database. */
  readonly flushMs: number;
}

export function stopTimes({ timeoutMs }: Config['stop']): StopTimes {
  const reserveMs = Math.min(timeoutMs / 4, maxReserveMs);
  return {
    // Slightly before the process is ended.
    timeoutMs: Math.floor(0.99 * timeoutMs),
    graceMs: Math.floor(timeoutMs - reserveMs),
    flushMs: Math.floor(reserveMs / 2),
  };
}
