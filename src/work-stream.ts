import { type PromiseWithResolvers, promiseWithResolvers } from './promises.ts';

/** How long `work` waits for the reader, and the error that both get after that. */
export interface StreamLimits {
  readonly stalledMs: number;
  readonly stalled: () => Error;
}

/** Ends `work` when its reader has stopped. */
class ReaderStopped extends Error {
  override readonly name = 'ReaderStopped';
}

/**
 * Yields what `work` emits, at the reader's pace: `emit` resolves when the reader asks for the next item. `work` starts
 * with the first read. When the reader stops, or asks for nothing for `stalledMs`, `emit` throws, so that `work` ends
 * and releases what it holds.
 */
export async function* streamWork<Item>(
  work: (emit: (item: Item) => Promise<void>) => Promise<void>,
  { stalledMs, stalled }: StreamLimits,
): AsyncGenerator<Item, void, undefined> {
  let emitted = handled<IteratorResult<Item, void>>();
  let asked = promiseWithResolvers<void>();
  let isStopped = false;

  async function emit(item: Item): Promise<void> {
    asked = promiseWithResolvers();
    const { promise, reject } = asked;
    const timer = setTimeout(() => reject(stalled()), stalledMs);
    emitted.resolve({ done: false, value: item });
    await promise.finally(() => clearTimeout(timer));
    if (isStopped) throw new ReaderStopped();
  }

  const ended = work(emit).then(
    () => emitted.resolve({ done: true, value: undefined }),
    (error: unknown) => emitted.reject(error),
  );
  try {
    for (;;) {
      const { done, value } = await emitted.promise;
      if (done) return;
      emitted = handled();
      yield value;
      asked.resolve();
    }
  } finally {
    isStopped = true;
    asked.resolve();
    await ended;
  }
}

/** A promise whose rejection may stay unread: a reader that has stopped does not read the last result. */
function handled<Value>(): PromiseWithResolvers<Value> {
  const created = promiseWithResolvers<Value>();
  created.promise.catch(() => undefined);
  return created;
}
