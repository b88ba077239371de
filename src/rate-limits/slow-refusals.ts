import { createMemoryBuckets } from './token-buckets.ts';

/** Refusals per minute, and at once, that a caller gets immediately. Who waits as long as told gets fewer. */
const quickPerMinute = 60;
/** `Retry-After` is at least as long. */
const delayMs = 1_000;
/** Maximum number of delayed refusals of one caller, and of all together; more are sent immediately. */
const most = { perCaller: 100, total: 1_000 } as const;

/**
 * Returns undefined if the refusal is sent immediately, else a promise that resolves when it may be sent. A client in a
 * loop that ignores refusals waits for each, so that answering it takes nothing from others.
 */
export type SlowRefusal = (caller: string) => Promise<void> | undefined;

export function createSlowRefusals(): SlowRefusal {
  const quick = createMemoryBuckets(quickPerMinute);
  const delayed = new Map<string, number>();
  let total = 0;

  function add(caller: string, change: 1 | -1): void {
    const count = (delayed.get(caller) ?? 0) + change;
    total += change;
    if (count === 0) delayed.delete(caller);
    else delayed.set(caller, count);
  }

  return (caller) => {
    if (quick.take(caller, 1).isAllowed) return undefined;
    if (total >= most.total || (delayed.get(caller) ?? 0) >= most.perCaller) return undefined;
    add(caller, 1);
    return new Promise((resolve) => {
      setTimeout(() => {
        add(caller, -1);
        resolve();
      }, delayMs);
    });
  };
}
