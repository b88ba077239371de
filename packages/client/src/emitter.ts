/** How long changes from the stream are collected before listeners are called, in milliseconds: about one frame. */
const collectMs = 16;

/** Calls listeners with the newest view. */
export interface Emitter<View> {
  subscribe(listener: (view: View) => void): () => void;
  /** Calls the listeners now. */
  emit(): void;
  /** Calls the listeners once for all changes of the next moment. */
  emitSoon(): void;
}

/**
 * @param current the newest view
 * @param isEager whether the first change after a pause is told at once: browsers delay timers of tabs in the background
 */
export function createEmitter<View>(current: () => View, isEager: boolean): Emitter<View> {
  const listeners = new Set<(view: View) => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;
  let emittedAt = 0;

  function emit(): void {
    clearTimeout(timer);
    isPending = false;
    emittedAt = Date.now();
    for (const listener of [...listeners]) listener(current());
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit,
    emitSoon() {
      if (isPending) return;
      isPending = true;
      // After the other changes that came together.
      if (isEager && Date.now() - emittedAt >= collectMs) queueMicrotask(() => isPending && emit());
      else timer = setTimeout(emit, collectMs);
    },
  };
}
