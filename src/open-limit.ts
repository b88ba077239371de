import { requestsExceeded } from './errors.ts';

/** Limits the number of connections, or similar, that are open under one key at the same time. */
export interface OpenLimit {
  /**
   * Counts one more. Returns an idempotent function that releases it.
   * @throws ServiceError REQUESTS_EXCEEDED when the key has reached the limit.
   */
  open(key: string): () => void;
}

/** @param reason what the error says about a key that has reached the limit. */
export function createOpenLimit(most: number, reason: string): OpenLimit {
  const counts = new Map<string, number>();
  return {
    open(key) {
      const count = counts.get(key) ?? 0;
      if (count >= most) throw requestsExceeded(reason);
      counts.set(key, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}
