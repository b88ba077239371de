import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Queryable } from '../../database/database.ts';
import { type InboxBatch, type ReadFrom, readInboxChanges } from '../../notifications/inbox-changes.ts';
import { type PromiseWithResolvers, promiseWithResolvers } from '../../promises.ts';

/** Reads what happened in inboxes for many who ask at about the same time. */
export interface InboxReader {
  /** Those who ask for the same before it is read get the same batch. It is never older than the question. */
  read(recipient: string, after: number): Promise<InboxBatch>;
}

/** Statements at one time; further questions wait and are asked together. */
const statements = 2;
/** Least time between the beginnings of two statements, in milliseconds: inboxes that change in a hurry share one. */
const paceMs = 4;
/** Inboxes read by one statement. */
const inboxesAtOnce = 100;
/** Changes of one inbox read at once, and characters of messages read by one statement. */
const limits = { steps: 200, characters: 8_000_000 } as const;

type Question = ReadFrom & PromiseWithResolvers<InboxBatch>;

export function createInboxReader(db: Queryable): InboxReader {
  let waiting = new Map<string, Question>();
  let reading = 0;
  let last = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    reading += 1;
    // Those who ask in the same turn of the event loop are asked for together: a busy loop brings many in one.
    await setImmediate();
    for (;;) {
      const pause = last + paceMs - performance.now();
      if (pause > 0) await delay(pause);
      const questions = take();
      if (questions.length === 0) break;
      last = performance.now();
      try {
        const batches = await readInboxChanges(db, questions, limits);
        questions.forEach(({ resolve }, place) => {
          // As many batches as questions.
          resolve(batches[place] as InboxBatch);
        });
      } catch (error) {
        for (const { reject } of questions) reject(error);
      }
    }
    reading -= 1;
  }

  function take(): Question[] {
    const all = [...waiting];
    // A new map, as the tables that one outgrows would keep what was in them from being collected young.
    waiting = new Map(all.slice(inboxesAtOnce));
    return all.slice(0, inboxesAtOnce).map(([, question]) => question);
  }

  return {
    read(recipient, after) {
      const key = `${recipient}${after}`;
      const known = waiting.get(key);
      if (known) return known.promise;
      const question = { recipient, after, ...promiseWithResolvers<InboxBatch>() };
      waiting.set(key, question);
      if (reading < statements) void run();
      return question.promise;
    },
  };
}
