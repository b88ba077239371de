/** Visits items at a pace, by one timer for all that share it: a timer for each of very many would cost more memory. */
export interface Rounds<Item> {
  /** Visits the item once per period, first when one has passed, less a hundredth at most; the answer ends that. */
  join(periodMs: number, item: Item): () => void;
}

/** Parts of a round, so that not many are visited in the same moment. */
const parts = 100;

interface Round<Item> {
  readonly slots: readonly Set<Item>[];
  place: number;
  size: number;
  readonly timer: NodeJS.Timeout;
}

/** @param visit says whether the item is to be visited again. */
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
      slots: Array.from({ length: parts }, () => new Set<Item>()),
      place: 0,
      size: 0,
      timer: setInterval(
        () => {
          round.place = (round.place + 1) % parts;
          const slot = slotOf(round);
          for (const item of [...slot]) if (!visit(item)) drop(periodMs, round, slot, item);
        },
        Math.ceil(periodMs / parts),
      ).unref(),
    };
    rounds.set(periodMs, round);
    return round;
  }

  return {
    join(periodMs, item) {
      const round = rounds.get(periodMs) ?? begin(periodMs);
      const slot = slotOf(round);
      slot.add(item);
      round.size += 1;
      return () => drop(periodMs, round, slot, item);
    },
  };
}

function slotOf<Item>({ slots, place }: Round<Item>): Set<Item> {
  // There are as many as places.
  return slots[place] as Set<Item>;
}
