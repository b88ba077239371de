import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { type InboxBatch, readInboxChanges } from '../../notifications/change-batches.ts';
import type { NotificationMethods } from '../../notifications/sql/methods.ts';
import type { ReadFrom } from '../../notifications/sql/read-inbox-changes.ts';
import { type PromiseWithResolvers, promiseWithResolvers } from '../../promises.ts';

/** Reads batches of changes, with one statement for many concurrent readers. */
export interface BatchReader {
  /**
   * Reads the changes after a version. Identical requests that are not yet sent share one batch. A batch is never older
   * than its request.
   * @param withFigures whether to count the figures
   */
  read(recipient: string, after: number, withFigures?: boolean): Promise<InboxBatch>;
}

/** Maximum number of concurrent statements; further requests are buffered and sent together. */
const maxStatements = 2;
/** Minimum milliseconds between the starts of two statements: inboxes that change in a burst share one. */
const paceMs = 4;
/** Maximum number of inboxes in one statement. */
const inboxesAtOnce = 100;
/** Maximum number of changes per inbox, and of message characters per statement. */
const limits = { rows: 200, characters: 8_000_000 } as const;

type PendingRequest = ReadFrom & PromiseWithResolvers<InboxBatch>;

export function createBatchReader(prisma: NotificationMethods): BatchReader {
  let pending = new Map<string, PendingRequest>();
  let running = 0;
  let lastStartedAt = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    running += 1;
    // Collects the requests of one turn of the event loop; under load one turn brings many.
    await setImmediate();
    for (;;) {
      const pause = lastStartedAt + paceMs - performance.now();
      if (pause > 0) await delay(pause);
      const requests = take();
      if (requests.length === 0) break;
      lastStartedAt = performance.now();
      try {
        const batches = await readInboxChanges(prisma, requests, limits);
        requests.forEach(({ resolve }, index) => {
          // There is one batch for each request.
          resolve(batches[index] as InboxBatch);
        });
      } catch (error) {
        for (const { reject } of requests) reject(error);
      }
    }
    running -= 1;
  }

  function take(): PendingRequest[] {
    const all = [...pending];
    // A new map: the grown hash tables of a reused one would be promoted to the old generation and keep their entries
    // alive.
    pending = new Map(all.slice(inboxesAtOnce));
    return all.slice(0, inboxesAtOnce).map(([, request]) => request);
  }

  return {
    read(recipient, after, withFigures = false) {
      const key = `${recipient}${withFigures ? '+' : '-'}${after}`;
      const existing = pending.get(key);
      if (existing) return existing.promise;
      const request = { recipient, after, withFigures, ...promiseWithResolvers<InboxBatch>() };
      pending.set(key, request);
      if (running < maxStatements) void run();
      return request.promise;
    },
  };
}
