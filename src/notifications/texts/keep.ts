import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isLockTimeout, isPermissionFault } from '../../database/faults.ts';
import { isIndexValid, type OnlineIndexOptions, startOnlineIndexes } from '../../database/online-indexes.ts';
import { notificationIndexes, textsIndex } from '../indexes.ts';
import { type CopyStep, copySome, isAnyQueued, type TextsPrisma } from './copy.ts';
import { turnOff, turnOn } from './switch.ts';

export interface IndexKeepingOptions {
  readonly prisma: TextsPrisma;
  readonly url: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Whether texts are indexed. */
  readonly hasSearchIndex: boolean;
  /** Milliseconds between checks of an empty queue. */
  readonly idleMs?: number;
}

export interface IndexKeeping {
  /** Resolves when the indexes exist and, if texts are indexed, all texts are copied; also after a stop or a failure. */
  readonly ready: Promise<void>;
  /** Stops after the current step. */
  stop(): Promise<void>;
}

const defaultIdleMs = 1000;
const retryMs = 10_000;
/**
 * Pauses, as multiples of the duration of the previous step. They are longer while rows are written as fast as they are
 * copied.
 */
const pauses = { busy: 3, catchingUp: 0.5 };
/** Number of copied entries after which the queue is vacuumed, because every search reads its dead entries. */
const entriesToVacuum = 20_000;

/**
 * Creates the indexes of notifications while the service runs, and keeps the copy of their texts up to date. One node
 * at a time does this; when it stops, another takes over.
 */
export function keepIndexes(options: IndexKeepingOptions): IndexKeeping {
  const { prisma, url, log, hasSearchIndex } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const { wanted, unwanted } = notificationIndexes(hasSearchIndex);
  const pause = (ms: number) => delay(ms, undefined, { ref: false, signal }).catch(() => undefined);

  async function indexing(rest: Pick<OnlineIndexOptions, 'indexes' | 'unwanted'>): Promise<void> {
    if (signal.aborted) return;
    const indexes = startOnlineIndexes({ url, log, ...rest });
    const stop = () => indexes.stop();
    signal.addEventListener('abort', stop);
    await indexes.done;
    signal.removeEventListener('abort', stop);
  }

  /** Repeats the work until it succeeds. Returns false if it was stopped, or the service lacks the permission. */
  async function untilDone(work: () => Promise<void>, failure: string): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await work();
        return true;
      } catch (err) {
        // A long write held the lock. This is expected, so it is not logged.
        if (!isLockTimeout(err)) log.warn({ err }, failure);
        if (isPermissionFault(err)) return false;
        await pause(isLockTimeout(err) ? defaultIdleMs : retryMs);
      }
    }
    return false;
  }

  let copying: Promise<void> | undefined;

  async function begin(): Promise<void> {
    if (!hasSearchIndex) {
      await untilDone(() => turnOff(prisma), 'failed to remove the texts for search');
      return indexing({ indexes: wanted, unwanted });
    }
    await indexing({ indexes: wanted });
    if (signal.aborted || !(await isIndexValid(prisma.notification, textsIndex))) return;
    const isOn = await untilDone(() => turnOn(prisma), 'texts cannot be indexed: search scans rows');
    if (!isOn) return;
    await new Promise<void>((resolve) => {
      copying = copyContinuously(resolve).finally(resolve);
    });
    await indexing({ indexes: [], unwanted });
  }

  /** Copies texts until it is stopped. @param onComplete called when every row has been copied once */
  async function copyContinuously(onComplete: () => void): Promise<void> {
    const { idleMs = defaultIdleMs } = options;
    let newest = 0;
    let toVacuum = 0;
    let isDone = false;
    while (!signal.aborted) {
      const begin = performance.now();
      try {
        // Until all old rows are copied, there is work even if the queue is empty.
        const isIdle: boolean = isDone && !(await isAnyQueued(prisma));
        const step: CopyStep | undefined = isIdle ? undefined : await copySome(prisma);
        if (step?.isComplete) onComplete();
        isDone = isIdle || step?.mayHaveMore === false;
        toVacuum += step?.entries ?? 0;
        if (step && !step.mayHaveMore && (await tidy(prisma, toVacuum))) toVacuum = 0;
        const isBusy = step !== undefined && newest > 0 && step.newest - newest >= step.entries;
        newest = step?.newest ?? newest;
        // The pause lets single entries accumulate, because copying them together costs less.
        const tookMs = performance.now() - begin;
        await pause(step?.mayHaveMore ? tookMs * (isBusy ? pauses.busy : pauses.catchingUp) : idleMs);
      } catch (err) {
        if (!signal.aborted) log.warn({ err }, 'failed to copy texts for search; retrying later');
        await pause(retryMs);
      }
    }
  }

  const ready = begin().catch((err: unknown) => log.warn({ err }, 'failed to create the indexes of notifications'));
  return {
    ready,
    async stop() {
      stopping.abort();
      await ready;
      await copying;
    },
  };
}

/** Merges the pending list of the index and, after enough entries, vacuums the queue. Returns whether it vacuumed. */
async function tidy({ notificationText }: TextsPrisma, entries: number): Promise<boolean> {
  await notificationText.mergePending(textsIndex.name);
  if (entries < entriesToVacuum) return false;
  await notificationText.vacuumQueue();
  return true;
}
