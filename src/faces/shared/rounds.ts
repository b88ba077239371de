/** Visits items periodically. Items with the same period share one timer, which needs less memory than one for each. */
export interface Rounds<Item> {
  /**
   * Calls `visit(item)` once per `periodMs`, starting after one period (at most 1 % early). Returns a function that
   * removes the item.
   */
  add(periodMs: number, item: Item): () => void;
}

/** Slots per period: each tick of the timer visits one slot, which spreads the work. */
const slotCount = 100;

interface Round<Item> {
  readonly slots: readonly Set<Item>[];
  index: number;
  size: number;
  readonly timer: NodeJS.Timeout;
}

/** @param visit returns whether to keep the item. */
export function createRounds<Item>(visit: (item: Item) => boolean): Rounds<Item> {
  const rounds = new Map<number, Round<Item>>();

  function drop(periodMs: number, round: Round<Item>, slot: Set<Item>, item: Item): void {
    if (!slot.delete(item)) return;
    round.size -= 1;
    if (round.size > 0) return;
    clearInterval(round.timer);
    rounds.delete(periodMs);
  }

  function begin(periodMs: number): Round<Item> {
    const round: Round<Item> = {
      slots: Array.from({ length: slotCount }, () => new Set<Item>()),
      index: 0,
      size: 0,
      timer: setInterval(
        () => {
          round.index = (round.index + 1) % slotCount;
          const slot = slotOf(round);
          for (const item of [...slot]) if (!visit(item)) drop(periodMs, round, slot, item);
        },
        Math.ceil(periodMs / slotCount),
      ).unref(),
    };
    rounds.set(periodMs, round);
    return round;
  }

  return {
    add(periodMs, item) {
      const round = rounds.get(periodMs) ?? begin(periodMs);
      const slot = slotOf(round);
      slot.add(item);
      round.size += 1;
      return () => drop(periodMs, round, slot, item);
    },
  };
}

function slotOf<Item>({ slots, index }: Round<Item>): Set<Item> {
  // The index is always below slotCount.
  return slots[index] as Set<Item>;
}
