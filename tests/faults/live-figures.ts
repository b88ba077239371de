/** Variables for the seed of random choices, the factor by which runs are longer, and whether to print figures. */
const variables = { seed: 'FAULTS_SEED', scale: 'FAULTS_SCALE', report: 'FAULTS_REPORT' } as const;

/** Random choices that are the same for the same seed. */
export interface Random {
  /** A number from 0, below 1. */
  next(): number;
  /** An integer from 0, below `bound`. */
  below(bound: number): number;
  /** One of the items, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item;
}

export const seed = Number(process.env[variables.seed] ?? 1);
/** The factor by which runs are longer; 1 by default. */
export const scale = Number(process.env[variables.scale] ?? 1);

/** @param name gives each caller choices of its own, though all have the same seed. */
export function randomFor(name: string): Random {
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
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There are no items.');
      return item;
    },
  };
}

/** Prints the figures of a run in one line if requested: `FAULTS_REPORT=1 npm test -- faults/live`. */
export function report(run: string, figures: Readonly<Record<string, number>>): void {
  if (!process.env[variables.report]) return;
  const parts = Object.entries(figures).map(([name, figure]) => `${name} ${Math.round(figure)}`);
  process.stderr.write(`${run} (seed ${seed}): ${parts.join(', ')}\n`);
}
