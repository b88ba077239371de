import { setTimeout as delay } from 'node:timers/promises';

/** Sends items in order and in batches, and buffers them while the connection is down. */
export interface SendBuffer<Item> {
  push(items: readonly Item[]): void;
  /** Continues sending. Call it after a reconnect. */
  resume(): void;
  /** Resolves when the buffer is empty, or when sending has failed and waits for `resume`. */
  flushed(): Promise<void>;
}

/** Minimum milliseconds between the starts of two sends: each send wakes every node, so a burst of writes shares one. */
const paceMs = 8;
/** Maximum number of items in one send. */
const itemsAtOnce = 500;

/**
 * @param send may reject: its items are put back in order and sent again after `resume`.
 * @param bound maximum number of buffered items; beyond it all of them are dropped. Messages are numbered, so the
 * receiver notices the gap.
 */
export function createSendBuffer<Item>({
  send,
  bound,
}: {
  readonly send: (items: readonly Item[]) => Promise<void>;
  readonly bound: number;
}): SendBuffer<Item> {
  let buffer: Item[] = [];
  let running: Promise<void> | undefined;
  let isBlocked = false;
  let lastSentAt = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    while (buffer.length > 0) {
      const pause = lastSentAt + paceMs - performance.now();
      if (pause > 0) await delay(pause);
      lastSentAt = performance.now();
      const items = buffer.splice(0, itemsAtOnce);
      try {
        await send(items);
      } catch {
        isBlocked = true;
        buffer = [...items, ...buffer];
        return;
      }
    }
  }

  function start(): void {
    if (isBlocked) return;
    running ??= run().finally(() => {
      running = undefined;
    });
  }

  return {
    push(items) {
      for (const item of items) buffer.push(item);
      if (buffer.length > bound) buffer = [];
      start();
    },
    resume() {
      isBlocked = false;
      start();
    },
    flushed: async () => running,
  };
}
