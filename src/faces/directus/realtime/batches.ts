/**
 * Groups items into batches: the first item and those that the source has ready with it, up to the first that does not
 * fit. The generator waits only for the first item of a batch.
 * @param joinerOf called with the first item of each batch; the function it returns decides whether the next item fits.
 */
export async function* inBatches<Item>(
  source: AsyncIterator<Item, unknown, undefined>,
  joinerOf: (first: Item) => (next: Item) => boolean,
): AsyncGenerator<readonly Item[], void, void> {
  function pull(): Promise<IteratorResult<Item, unknown>> {
    const next = source.next();
    // Prevents an unhandled rejection while the last batch is handled; the caller awaits the same promise later.
    next.catch(() => undefined);
    return next;
  }

  let next = pull();
  for (;;) {
    const first = await next;
    if (first.done) return;
    const batch = [first.value];
    const joins = joinerOf(first.value);
    const idle = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
    for (;;) {
      next = pull();
      // If the source failed, this batch is yielded first; the next loop throws.
      const ready = await Promise.race([next, idle]).catch(() => undefined);
      if (!ready || ready.done || !joins(ready.value)) break;
      batch.push(ready.value);
    }
    yield batch;
  }
}
