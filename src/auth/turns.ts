import { requestsExceeded, type ServiceError } from '../errors.ts';

/** Identifies who waits in the queue. */
export interface Turn {
  /** An address or a user; work with the same key shares its turns. */
  readonly key: string;
  /** Whether the work may be refused when the queue is full. */
  readonly isRefusable: boolean;
  /** Aborted when the requester has left. */
  readonly signal?: AbortSignal | undefined;
}

/** A queue for expensive work that is fair to each key. */
export interface Turns {
  /**
   * Runs the work when its turn comes: one per key at a time, and the keys in rotation, however much each has queued.
   * @throws ServiceError REQUESTS_EXCEEDED when the key has the maximum queued, or the whole queue is full and this key
   * has most; the reason of the signal when it is aborted first.
   */
  take<Result>(turn: Turn, work: () => Promise<Result>): Promise<Result>;
}

export interface TurnsOptions {
  /** Maximum number running concurrently. */
  readonly running: number;
  /** Maximum refusable work queued per key, and in total. */
  readonly waitingOfKey: number;
  readonly waiting: number;
}

interface Waiter {
  readonly isRefusable: boolean;
  start(): void;
  refuse(error: ServiceError): void;
}

/** Running and queued work of one key. */
interface Line {
  readonly key: string;
  isRunning: boolean;
  readonly waiters: Waiter[];
}

export function createTurns({ running: runningMax, waitingOfKey, waiting: waitingMax }: TurnsOptions): Turns {
  // In the order of the keys' next turns.
  const lines = new Map<string, Line>();
  let running = 0;

  const refusable = ({ waiters }: Line) => waiters.filter(({ isRefusable }) => isRefusable);

  function startNext(): void {
    while (running < runningMax) {
      const next = [...lines].find(([, { isRunning, waiters }]) => !isRunning && waiters.length > 0);
      if (!next) return;
      const [, line] = next;
      line.isRunning = true;
      running += 1;
      line.waiters.shift()?.start();
    }
  }

  function end(line: Line): void {
    line.isRunning = false;
    running -= 1;
    // Moves the key to the end of the rotation.
    lines.delete(line.key);
    if (line.waiters.length > 0) lines.set(line.key, line);
    startNext();
  }

  /** Returns whether it was still queued. */
  function remove(line: Line, waiter: Waiter): boolean {
    const place = line.waiters.indexOf(waiter);
    if (place === -1) return false;
    line.waiters.splice(place, 1);
    if (!line.isRunning && line.waiters.length === 0) lines.delete(line.key);
    return true;
  }

  /** Makes room for one more of this key by refusing the newest of the key with most queued. */
  function makeRoom(line: Line): void {
    const own = refusable(line).length;
    if (own >= waitingOfKey) throw refusal();
    const counts = [...lines.values()].map((one) => ({ one, count: refusable(one).length }));
    if (counts.reduce((sum, { count }) => sum + count, 0) < waitingMax) return;
    const fullest = counts.reduce((most, next) => (next.count > most.count ? next : most));
    if (fullest.count <= own + 1) throw refusal();
    const newest = refusable(fullest.one).at(-1);
    if (newest && remove(fullest.one, newest)) newest.refuse(refusal());
  }

  function wait(line: Line, { isRefusable, signal }: Turn): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (remove(line, waiter)) reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        isRefusable,
        start() {
          settled();
          resolve();
        },
        refuse(error) {
          settled();
          reject(error);
        },
      };
      line.waiters.push(waiter);
      signal?.addEventListener('abort', leave);
    });
  }

  return {
    async take(turn, work) {
      turn.signal?.throwIfAborted();
      const line = lines.get(turn.key) ?? { key: turn.key, isRunning: false, waiters: [] };
      const mustWait = line.isRunning || line.waiters.length > 0 || running >= runningMax;
      if (mustWait && turn.isRefusable) makeRoom(line);
      lines.set(turn.key, line);
      const started = wait(line, turn);
      startNext();
      await started;
      try {
        return await work();
      } finally {
        end(line);
      }
    },
  };
}

const refusal = () => requestsExceeded('too many passwords wait to be checked, try again in a moment');
