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

/** @param current the newest view */
export function createEmitter<View>(current: () => View): Emitter<View> {
  const listeners = new Set<(view: View) => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function emit(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const listener of [...listeners]) listener(current());
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit,
    emitSoon() {
      timer ??= setTimeout(emit, collectMs);
    },
  };
}
