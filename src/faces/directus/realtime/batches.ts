/**
 * Gathers what is there together: each batch is what the source has ready when its first item comes, for as long as
 * the items join. Nothing is waited for but a first item.
 * @param joinerOf is asked for each batch; what it answers decides, item by item, whether the next one joins.
 */
export async function* inBatches<Item>(
  source: AsyncIterator<Item, unknown, undefined>,
  joinerOf: (first: Item) => (next: Item) => boolean,
): AsyncGenerator<readonly Item[], void, void> {
  function pull(): Promise<IteratorResult<Item, unknown>> {
    const next = source.next();
    // It may fail while the last batch is still being handled; it is waited for afterwards.
    next.catch(() => undefined);
    return next;
  }

  let next = pull();
  for (;;) {
    const first = await next;
    if (first.done) return;
    const batch = [first.value];
    const joins = joinerOf(first.value);
    const nothing = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
    for (;;) {
      next = pull();
      // A failure is for after this batch.
      const ready = await Promise.race([next, nothing]).catch(() => undefined);
      if (!ready || ready.done || !joins(ready.value)) break;
      batch.push(ready.value);
    }
    yield batch;
  }
}
