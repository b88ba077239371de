/** Something under way, which ends in time. */
export interface Deadline<Item> {
  readonly item: Item;
  /** By the clock of `performance.now()`. */
  readonly endsAt: number;
  isUnderWay: boolean;
  /** The neighbours among what is under way. */
  before: Deadline<Item> | undefined;
  after: Deadline<Item> | undefined;
}

/** Things under way, each of which ends in time. */
export interface Deadlines<Item> {
  /** From now on it is late after the time that all have. */
  add(item: Item): Deadline<Item>;
  /** Ends it in time. False: it is not under way (any more). */
  end(deadline: Deadline<Item>): boolean;
  /** Ends all of them; what was under way, the oldest first. */
  endAll(): Item[];
}

/**
 * All have the same time, so that it runs out in the order in which they began: one timer, for the oldest, is enough for
 * all of them. A list whose members know their neighbours: the tables that a `Map` outgrows lead from one to the next,
 * and one that got old keeps all after it from being collected young.
 * @param onLate is given what is late, which is under way no more.
 */
export function createDeadlines<Item>(timeoutMs: number, onLate: (item: Item) => void): Deadlines<Item> {
  let oldest: Deadline<Item> | undefined;
  let newest: Deadline<Item> | undefined;
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
    // What ends makes room for others, which begin at once; those are not late.
    while (oldest && oldest.endsAt <= now) {
      const { item } = oldest;
      end(oldest);
      onLate(item);
    }
    if (oldest) watch(oldest.endsAt - now + 1);
  };
  const end = (deadline: Deadline<Item>) => {
    if (!deadline.isUnderWay) return false;
    const { before, after } = deadline;
    if (before) before.after = after;
    else oldest = after;
    if (after) after.before = before;
    else newest = before;
    deadline.isUnderWay = false;
    deadline.before = undefined;
    deadline.after = undefined;
    return true;
  };

  return {
    add(item) {
      const endsAt = performance.now() + timeoutMs;
      const deadline: Deadline<Item> = { item, endsAt, isUnderWay: true, before: newest, after: undefined };
      if (newest) newest.after = deadline;
      else oldest = deadline;
      newest = deadline;
      watch(timeoutMs + 1);
      return deadline;
    },
    end,
    endAll() {
      const items: Item[] = [];
      while (oldest) {
        items.push(oldest.item);
        end(oldest);
      }
      return items;
    },
  };
}
