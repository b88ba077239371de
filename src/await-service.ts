import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { StartError } from './start-error.ts';

/** How a start waits for the services it needs. */
export interface WaitOptions {
  /** 0: a single attempt. */
  readonly timeoutMs: number;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Aborted to cancel the start. */
  readonly signal?: AbortSignal | undefined;
}

/** A service that a start needs. */
export interface RequiredService {
  /** The variable that holds its address. */
  readonly variable: string;
  /** Name and host without the password: `the database at db:5432`. */
  readonly what: string;
  /** One attempt. @throws StartError if retrying is useless, any other error if it may help. */
  readonly reach: (tryMs: number) => Promise<void>;
}

/** Timeout of one attempt in milliseconds; a silent server is tried again. */
export const tryMs = 5_000;
const pauseMs = 250;
/** Minimum milliseconds between log messages while waiting. */
const logIntervalMs = 3_000;

/**
 * Waits until the service responds.
 * @throws StartError on timeout, or if waiting is useless.
 */
export async function awaitService(needed: RequiredService, { timeoutMs, log, signal }: WaitOptions): Promise<void> {
  const { variable, what, reach } = needed;
  const begin = performance.now();
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const leftMs = begin + timeoutMs - performance.now();
      await reach(timeoutMs === 0 ? tryMs : Math.max(1, Math.min(tryMs, leftMs)));
      if (loggedAt > 0) log.info({ variable }, `${what} answers`);
      return;
    } catch (error) {
      if (error instanceof StartError) throw error;
      const reason = reasonOf(error);
      const waitedMs = performance.now() - begin;
      if (waitedMs + pauseMs > timeoutMs) {
        throw new StartError(`${variable}: ${what} could not be reached within ${timeoutMs} ms: ${reason}.`, {
          cause: error,
        });
      }
      if (performance.now() - loggedAt >= logIntervalMs) {
        loggedAt = performance.now();
        log.warn({ variable, reason, waitedMs: Math.round(waitedMs), timeoutMs }, `waiting for ${what}`);
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function reasonOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: readonly unknown[] };
  // A host name with several addresses fails with a list of errors and no message.
  return errors?.map(reasonOf).join(', ') || message || code || String(error);
}
