/** Things under way, each of which ends in time. */
export interface Deadlines<Item> {
  /** From now on it is late after the time that all have. */
  add(item: Item): void;
  /** Ends it in time. False: it is not under way (any more). */
  delete(item: Item): boolean;
  readonly items: Iterable<Item>;
}

/**
 * All have the same time, so that it runs out in the order in which they began: one timer, for the oldest, is enough for
 * all of them.
 * @param onLate is given what is late, which is under way no more.
 */
export function createDeadlines<Item>(timeoutMs: number, onLate: (item: Item) => void): Deadlines<Item> {
  const ends = new Map<Item, number>();
  let isWatched = false;

  const watch = (ms: number) => {
    if (isWatched) return;
    isWatched = true;
    // The timer may outlive what it was set for, and must not keep the process for that.
    setTimeout(endLate, ms).unref();
  };
  const endLate = () => {
    isWatched = false;
    const now = performance.now();
    // A copy: what ends makes room for others, which begin at once.
    for (const [item, endsAt] of [...ends]) {
      if (endsAt > now) return watch(endsAt - now + 1);
      if (ends.delete(item)) onLate(item);
    }
  };

  return {
    add(item) {
      ends.set(item, performance.now() + timeoutMs);
      watch(timeoutMs + 1);
    },
    delete: (item) => ends.delete(item),
    items: { [Symbol.iterator]: () => ends.keys() },
  };
}
