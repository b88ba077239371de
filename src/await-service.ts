import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { StartError } from './start-error.ts';

/** How a start waits for what it needs. */
export interface Patience {
  /** 0: one try. */
  readonly timeoutMs: number;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Aborted when the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

/** What a start needs. */
export interface Needed {
  /** The variable that says where it is. */
  readonly variable: string;
  /** What it is, and where, without its password: `the database at db:5432`. */
  readonly what: string;
  /** One try. @throws StartError for what no waiting mends, any other error for what may. */
  readonly reach: (tryMs: number) => Promise<void>;
}

/** How long one try may take; a server that says nothing is asked again. */
export const tryMs = 5_000;
const pauseMs = 250;
/** How often it is said that something is waited for. */
const sayMs = 3_000;

/**
 * Waits until what the start needs is there.
 * @throws StartError when it is not in time, or waiting is of no use.
 */
export async function awaitService(needed: Needed, { timeoutMs, log, signal }: Patience): Promise<void> {
  const { variable, what, reach } = needed;
  const begin = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const leftMs = begin + timeoutMs - performance.now();
      await reach(timeoutMs === 0 ? tryMs : Math.max(1, Math.min(tryMs, leftMs)));
      if (saidAt > 0) log.info({ variable }, `${what} answers`);
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
      if (performance.now() - saidAt >= sayMs) {
        saidAt = performance.now();
        log.warn({ variable, reason, waitedMs: Math.round(waitedMs), timeoutMs }, `waiting for ${what}`);
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function reasonOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: readonly unknown[] };
  // A name with several addresses fails with a list, and no text of its own.
  return errors?.map(reasonOf).join(', ') || message || code || String(error);
}
