/** The seed of what is drawn by lot, how much longer than in an ordinary run it goes on, and whether to say what came out. */
const variables = { seed: 'FAULTS_SEED', scale: 'FAULTS_SCALE', report: 'FAULTS_REPORT' } as const;

/** Numbers that are the same for the same seed. */
export interface Lot {
  /** From 0 to just below 1. */
  next(): number;
  /** From 0 to just below the bound. */
  below(bound: number): number;
  /** One of these, of which there is one at least. */
  of<Item>(items: readonly Item[]): Item;
}

export const seed = Number(process.env[variables.seed] ?? 1);
/** 1 in an ordinary run, which is bounded by it. */
export const scale = Number(process.env[variables.scale] ?? 1);

/** @param name what is drawn for: everybody draws their own. */
export function lotFor(name: string): Lot {
  let state = [...`${seed} ${name}`].reduce(
    (sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193),
    0x811c9dc5,
  );
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    below,
    of(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There is nothing to draw from.');
      return item;
    },
  };
}

/** Says what came out, in one line, to whoever asks for it: `FAULTS_REPORT=1 npm test -- faults/live`. */
export function report(run: string, figures: Readonly<Record<string, number>>): void {
  if (!process.env[variables.report]) return;
  const told = Object.entries(figures).map(([name, figure]) => `${name} ${Math.round(figure)}`);
  process.stderr.write(`${run} (seed ${seed}): ${told.join(', ')}\n`);
}
