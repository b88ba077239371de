/**
 * What a committed write tells the live side: the versions it took from one recipient's inbox,
 * `from` exclusive, `to` inclusive. Nothing else travels; whoever serves that recipient reads the rest.
 */
export interface VersionRange {
  readonly recipient: string;
  readonly from: number;
  readonly to: number;
}

/** Carries the ranges of committed writes to every subscriber of this bus, those of one write together. */
export interface Bus {
  publish(ranges: readonly VersionRange[]): void;
  /** Calls `listener` for every publish from now on; the answer ends it. */
  subscribe(listener: (ranges: readonly VersionRange[]) => void): () => void;
}

/** A bus within this process. Listeners run in the order of subscription; one that throws does not stop the others. */
export function memoryBus(): Bus {
  const listeners = new Set<(ranges: readonly VersionRange[]) => void>();
  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      for (const listener of [...listeners]) queueMicrotask(() => listener(ranges));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
