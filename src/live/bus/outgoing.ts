import { setTimeout as delay } from 'node:timers/promises';

/** Sends what is put in, in order and many together, for as long as there is somewhere to send it. */
export interface Outgoing<Item> {
  push(items: readonly Item[]): void;
  /** There is somewhere to send to again: whoever connects tells. */
  resume(): void;
  /** Fulfilled when everything is sent, or cannot be sent now. */
  settled(): Promise<void>;
}

/**
 * Least time between the beginnings of two sendings, in milliseconds: each wakes whoever carries it and every node, so
 * writers in a hurry share one.
 */
const paceMs = 8;
const batch = 500;

/**
 * @param send may fail: then everything it was given waits for `resume`, in its order, and is sent again.
 * @param bound most items that wait; beyond it all of them are given up. Numbered, they leave a gap that shows.
 */
export function createOutgoing<Item>({
  send,
  bound,
}: {
  readonly send: (items: readonly Item[]) => Promise<void>;
  readonly bound: number;
}): Outgoing<Item> {
  let waiting: Item[] = [];
  let sending: Promise<void> | undefined;
  let isBlocked = false;
  let last = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const pause = last + paceMs - performance.now();
      if (pause > 0) await delay(pause);
      last = performance.now();
      const items = waiting.splice(0, batch);
      try {
        await send(items);
      } catch {
        isBlocked = true;
        waiting = [...items, ...waiting];
        return;
      }
    }
  }

  function start(): void {
    if (isBlocked) return;
    sending ??= run().finally(() => {
      sending = undefined;
    });
  }

  return {
    push(items) {
      for (const item of items) waiting.push(item);
      if (waiting.length > bound) waiting = [];
      start();
    },
    resume() {
      isBlocked = false;
      start();
    },
    settled: async () => sending,
  };
}
