/** An item that times out at a fixed moment unless it is removed first. */
export interface TimeoutEntry<Item> {
  readonly item: Item;
  /** A time of `performance.now()`. */
  readonly timesOutAt: number;
  isQueued: boolean;
  /** Neighbours in the linked list of queued entries. */
  previous: TimeoutEntry<Item> | undefined;
  next: TimeoutEntry<Item> | undefined;
}

/** Items that all have the same timeout. */
export interface TimeoutQueue<Item> {
  /** Adds an item; its timeout starts now. */
  add(item: Item): TimeoutEntry<Item>;
  /** Removes an entry before it times out. Returns false if it was removed or timed out before. */
  remove(entry: TimeoutEntry<Item>): boolean;
  /** Removes all entries. Returns their items, oldest first. */
  removeAll(): Item[];
}

/**
 * Because the timeout is the same for all items, they time out in the order in which they were added, so a single timer
 * for the oldest is enough. Entries form a linked list instead of a `Map`: a `Map` that has grown links its old tables
 * to the new ones, and once an old table is in the old generation, every later one survives until a full garbage
 * collection.
 * @param onTimeout called with each item that timed out, after it was removed
 */
export function createTimeoutQueue<Item>(timeoutMs: number, onTimeout: (item: Item) => void): TimeoutQueue<Item> {
  let oldest: TimeoutEntry<Item> | undefined;
  let newest: TimeoutEntry<Item> | undefined;
  let hasTimer = false;

  const startTimer = (ms: number) => {
    if (hasTimer) return;
    hasTimer = true;
    // The timer is not cleared when its entry is removed, so it must not keep the process running.
    setTimeout(expire, ms).unref();
  };
  const expire = () => {
    hasTimer = false;
    // Read once: `onTimeout` may add items, and those must not expire in the same pass.
    const now = performance.now();
    while (oldest && oldest.timesOutAt <= now) {
      const { item } = oldest;
      remove(oldest);
      onTimeout(item);
    }
    if (oldest) startTimer(oldest.timesOutAt - now + 1);
  };
  const remove = (entry: TimeoutEntry<Item>) => {
    if (!entry.isQueued) return false;
    const { previous, next } = entry;
    if (previous) previous.next = next;
    else oldest = next;
    if (next) next.previous = previous;
    else newest = previous;
    entry.isQueued = false;
    entry.previous = undefined;
    entry.next = undefined;
    return true;
  };

  return {
    add(item) {
      const timesOutAt = performance.now() + timeoutMs;
      const entry: TimeoutEntry<Item> = { item, timesOutAt, isQueued: true, previous: newest, next: undefined };
      if (newest) newest.next = entry;
      else oldest = entry;
      newest = entry;
      startTimer(timeoutMs + 1);
      return entry;
    },
    remove,
    removeAll() {
      const items: Item[] = [];
      while (oldest) {
        items.push(oldest.item);
        remove(oldest);
      }
      return items;
    },
  };
}
