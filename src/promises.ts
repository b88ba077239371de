/** A promise with its resolve functions. */
export interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 lacks. */
export function promiseWithResolvers<Value>(): PromiseWithResolvers<Value> {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Waits for work until the signal is aborted; then throws the signal's reason and ignores the result of the work. */
export function untilAborted(signal: AbortSignal | undefined): <Value>(work: Promise<Value>) => Promise<Value> {
  if (signal === undefined) return (work) => work;
  const { promise: aborted, reject } = promiseWithResolvers<never>();
  aborted.catch(() => undefined);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return async (work) => {
    signal.throwIfAborted();
    return Promise.race([work, aborted]);
  };
}

/** The result of the work, or `late` if it takes longer than `ms`. Late work continues, but its result is ignored. */
export async function within<Value>(ms: number, work: Promise<Value>, late: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

/**
 * Runs work each `intervalMs` milliseconds, first after one interval, unless it is still running. Returns a function
 * that stops it.
 */
export function repeatEvery(
  intervalMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => void {
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    work()
      .catch(onError)
      .finally(() => {
        isRunning = false;
      });
  }, intervalMs);
  return () => clearInterval(timer);
}
