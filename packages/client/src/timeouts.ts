/** Timeouts in milliseconds; 0 means none. */
export interface Timeouts {
  /** For the complete response to a request. Default 20,000. */
  readonly requestMs: number;
  /** For opening a stream: token, connection and acknowledgement. Default 10,000. */
  readonly openMs: number;
  /** Interval between pings on an open socket. Default 15,000. */
  readonly pingMs: number;
  /** For the pong to a ping. Default 10,000. */
  readonly pongMs: number;
  /** For silence on an event stream, where the service sends something every 12 seconds. Default 40,000. */
  readonly silenceMs: number;
}

const defaults: Timeouts = { requestMs: 20_000, openMs: 10_000, pingMs: 15_000, pongMs: 10_000, silenceMs: 40_000 };
/** setTimeout fires immediately for longer delays. */
const maxTimerMs = 2 ** 31 - 1;

export function withDefaults(given: Partial<Timeouts> = {}): Timeouts {
  const chosen = { ...defaults };
  for (const name of Object.keys(chosen) as (keyof Timeouts)[]) {
    const ms = given[name] ?? defaults[name];
    chosen[name] = ms > 0 && ms <= maxTimerMs ? ms : 0;
  }
  return chosen;
}

export type Timer = ReturnType<typeof setTimeout> | undefined;

/** Calls back after `ms`; never if `ms` is 0. */
export function startTimer(ms: number, callback: () => void): Timer {
  return ms > 0 ? setTimeout(callback, ms) : undefined;
}

/** A controller that is aborted with the signal. Abort it when it is not used any more: the signal refers to it. */
export function linkedTo(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { signal: controller.signal });
  return controller;
}

/** Resolves after `ms`, or when the signal is aborted. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', end);
  });
}

/** The result of `work`, even if it ignores the signal. @throws the signal's reason once it is aborted. */
export function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The result of `work` within `ms`; its signal is aborted on timeout and together with `signal`. */
export async function within<Result>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const cut = linkedTo(signal);
  const timer = startTimer(ms, () => cut.abort(new Error(`the service did not answer within ${ms} ms`)));
  try {
    return await unlessAborted(cut.signal, work(cut.signal));
  } finally {
    clearTimeout(timer);
    cut.abort();
  }
}
