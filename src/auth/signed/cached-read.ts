import { setTimeout as sleep } from 'node:timers/promises';

/** Something that is read from the database again and again, and changes rarely. */
export interface CachedRead<Result> {
  /** The result of a read that began at most `maxAgeMs` ago. */
  recent(maxAgeMs: number): Promise<Result>;
  /**
   * The result of a read that begins after this call. Calls share reads: one runs, and one more is to follow.
   * @param spacingMs milliseconds from the beginning of the last read; bounds the reads that callers can cause
   */
  fresh(spacingMs?: number): Promise<Result>;
  /** Discards what was read, after a change on this node. */
  invalidate(): void;
}

/**
 * Caches the result of `read` until a newer one is wanted. A failed read is not cached.
 * @param wait for tests
 */
export function createCachedRead<Result>(
  read: () => Promise<Result>,
  now: () => Date,
  wait: (ms: number) => Promise<unknown> = sleep,
): CachedRead<Result> {
  let last: { readonly result: Promise<Result>; readonly begunAt: number } | undefined;
  let following: Promise<Result> | undefined;

  function begin(): Promise<Result> {
    following = undefined;
    const begun = { result: read(), begunAt: now().getTime() };
    last = begun;
    begun.result.catch(() => {
      if (last === begun) last = undefined;
    });
    return begun.result;
  }

  function fresh(spacingMs = 0): Promise<Result> {
    const leftMs = last === undefined ? 0 : last.begunAt + spacingMs - now().getTime();
    const ended = last?.result.catch(() => undefined);
    following ??= Promise.all([ended, leftMs > 0 ? wait(leftMs) : undefined]).then(begin);
    return following;
  }

  return {
    fresh,
    recent: (maxAgeMs) => (last !== undefined && now().getTime() - last.begunAt < maxAgeMs ? last.result : fresh()),
    invalidate() {
      last = undefined;
    },
  };
}
