import { type PromiseWithResolvers, promiseWithResolvers } from '../../promises.ts';

/**
 * A queue from one writer to one reader that reads at its own pace. Beyond `bound` buffered items, or a total weight of
 * `load`, the buffer is discarded and the reader gets the error of `overflow()`, so no item is lost silently.
 */
export interface BoundedQueue<Item> extends AsyncIterableIterator<Item> {
  push(item: Item): void;
  /** Fails the reader with this error once the buffered items are read. */
  fail(error: Error): void;
  return(): Promise<IteratorResult<Item>>;
}

type End = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: Error };

/** @param onEnd called once when the reader stops or the queue ends, so that the writer can stop. */
export function createBoundedQueue<Item>(options: {
  readonly bound: number;
  readonly load?: number;
  /** Default: every item weighs 0. */
  readonly weigh?: (item: Item) => number;
  readonly overflow: () => Error;
  readonly onEnd: () => void;
}): BoundedQueue<Item> {
  const { bound, load = Number.POSITIVE_INFINITY, weigh = () => 0 } = options;
  let waiting: Item[] = [];
  let weight = 0;
  let reader: PromiseWithResolvers<IteratorResult<Item>> | undefined;
  let end: End | undefined;

  function finish(outcome: End): void {
    if (end) return;
    end = outcome;
    options.onEnd();
    if (!reader) return;
    const { resolve, reject } = reader;
    reader = undefined;
    if (outcome.kind === 'failed') reject(outcome.error);
    else resolve({ done: true, value: undefined });
  }

  return {
    push(item) {
      if (end) return;
      if (reader) {
        reader.resolve({ done: false, value: item });
        reader = undefined;
        return;
      }
      waiting.push(item);
      weight += weigh(item);
      if (waiting.length <= bound && weight <= load) return;
      waiting = [];
      finish({ kind: 'failed', error: options.overflow() });
    },
    fail: (error) => finish({ kind: 'failed', error }),
    async next() {
      const item = waiting.shift();
      if (item !== undefined) {
        weight -= weigh(item);
        return { done: false, value: item };
      }
      if (end?.kind === 'done') return { done: true, value: undefined };
      if (end) {
        const { error } = end;
        end = { kind: 'done' };
        throw error;
      }
      reader = promiseWithResolvers();
      return reader.promise;
    },
    async return() {
      waiting = [];
      finish({ kind: 'done' });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
