/** How long things may take, in milliseconds; 0 is for ever. */
export interface Timeouts {
  /** For a page or a change to be answered, up to its last byte. 20,000 */
  readonly requestMs: number;
  /** For the stream to open: the token, the connection, and the service's word that it is taken. 10,000 */
  readonly openMs: number;
  /** Between two questions whether an open socket is still there. 15,000 */
  readonly pingMs: number;
  /** For the answer to that question. 10,000 */
  readonly pongMs: number;
  /** For silence on a stream of events, where the service says something every 12 seconds. 40,000 */
  readonly silenceMs: number;
}

const defaults: Timeouts = { requestMs: 20_000, openMs: 10_000, pingMs: 15_000, pongMs: 10_000, silenceMs: 40_000 };
/** A timer that is to run longer runs at once. */
const longestMs = 2 ** 31 - 1;

export function withDefaults(given: Partial<Timeouts> = {}): Timeouts {
  const choose = (name: keyof Timeouts) => {
    const ms = given[name] ?? defaults[name];
    return ms > 0 && ms <= longestMs ? ms : 0;
  };
  return {
    requestMs: choose('requestMs'),
    openMs: choose('openMs'),
    pingMs: choose('pingMs'),
    pongMs: choose('pongMs'),
    silenceMs: choose('silenceMs'),
  };
}

export type Timer = ReturnType<typeof setTimeout> | undefined;

/** Calls back when the time is over; with 0 never. */
export function startTimer(ms: number, callback: () => void): Timer {
  return ms > 0 ? setTimeout(callback, ms) : undefined;
}

/** Fulfilled after so long, or when the signal is aborted. */
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

/** What `work` gives, also when it does not heed the signal. @throws the signal's reason once it is aborted. */
export function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What `work` gives in time; its signal is aborted when the time is over, and with the other. */
export async function within<Result>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const cut = new AbortController();
  const abort = () => cut.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  const timer = startTimer(ms, () => cut.abort(new Error(`the service did not answer within ${ms} ms`)));
  try {
    return await unlessAborted(cut.signal, work(cut.signal));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
