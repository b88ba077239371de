/** What is drawn of a long list: the lines from `from` to before `to`, and the empty space around them in pixels. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

/** Anything in the list with a height of its own. */
export interface Block {
  readonly key: string;
  readonly kind: string;
}

/** The heights of the lines of a list, of which only those near the viewport are drawn and measured. */
export interface Heights {
  /** Replaces the lines; measured heights are kept by key. */
  set(lines: readonly Block[]): void;
  /** Stores a measured height. Returns whether it differs from what was assumed. */
  measure(key: string, kind: string, height: number): boolean;
  /** Forgets what was measured: the width changed. */
  forget(): void;
  /** The distance of a line from the top of the list. */
  offsetOf(index: number): number;
  heightOf(index: number): number;
  total(): number;
  /** The lines between `top` and `top + height` and those within `overscan` pixels around. */
  around(top: number, height: number, overscan: number): Window;
}

/** @param estimates heights of kinds of lines before one was measured; afterwards, the last measured one is assumed */
export function createHeights(estimates: Readonly<Record<string, number>>): Heights {
  const measured = new Map<string, number>();
  const assumed = new Map(Object.entries(estimates));
  let lines: readonly Block[] = [];
  /** offsets[i] is the top of line i; the last one is the total. */
  let offsets = new Float64Array(1);
  let isStale = false;

  function current(): Float64Array {
    if (!isStale) return offsets;
    if (offsets.length !== lines.length + 1) offsets = new Float64Array(lines.length + 1);
    let top = 0;
    for (const [index, { key, kind }] of lines.entries()) {
      offsets[index] = top;
      top += measured.get(key) ?? assumed.get(kind) ?? 0;
    }
    offsets[lines.length] = top;
    isStale = false;
    return offsets;
  }

  const at = (index: number) => current()[Math.max(0, Math.min(index, lines.length))] ?? 0;

  /** The last line that begins at or above `y`. */
  function lineAt(y: number): number {
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (at(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  return {
    set(next) {
      lines = next;
      isStale = true;
    },
    measure(key, kind, height) {
      if (height <= 0) return false;
      const known = measured.get(key);
      const isNew = Math.abs((known ?? assumed.get(kind) ?? 0) - height) >= 0.5;
      if (known === height) return false;
      measured.set(key, height);
      if (isNew) {
        assumed.set(kind, height);
        isStale = true;
      }
      return isNew;
    },
    forget() {
      measured.clear();
      isStale = true;
    },
    offsetOf: at,
    heightOf: (index) => at(index + 1) - at(index),
    total: () => at(lines.length),
    around(top, height, overscan) {
      if (lines.length === 0) return { from: 0, to: 0, before: 0, after: 0 };
      const from = lineAt(Math.max(0, top - overscan));
      const to = lineAt(top + height + overscan) + 1;
      return { from, to, before: at(from), after: at(lines.length) - at(to) };
    },
  };
}
