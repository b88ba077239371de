import { requestsExceeded, type ServiceError } from '../errors.ts';

/** Whose turn it is that work waits for. */
export interface Turn {
  /** Whoever shares a key shares its turns: an address, or a user. */
  readonly key: string;
  /** Whether the work may be refused when too much waits already. */
  readonly isRefusable: boolean;
  /** Ends the wait of somebody who has gone. */
  readonly signal?: AbortSignal | undefined;
}

/** Work that is costly to all, done in turns that are fair to each. */
export interface Turns {
  /**
   * Runs the work when it is its turn: one of a key at a time, and the keys one after the other, however much each has
   * waiting.
   * @throws ServiceError REQUESTS_EXCEEDED when the key has as much waiting as it may, or all have and this key most;
   * the reason of the signal when that comes before the turn.
   */
  take<Result>(turn: Turn, work: () => Promise<Result>): Promise<Result>;
}

export interface TurnsOptions {
  /** How many run at a time. */
  readonly running: number;
  /** Most refusable work that waits of one key, and of all. */
  readonly waitingOfKey: number;
  readonly waiting: number;
}

interface Waiter {
  readonly isRefusable: boolean;
  start(): void;
  refuse(error: ServiceError): void;
}

/** What one key does and wants. */
interface Line {
  readonly key: string;
  isRunning: boolean;
  readonly waiters: Waiter[];
}

export function createTurns({ running: runningMax, waitingOfKey, waiting: waitingMax }: TurnsOptions): Turns {
  // In the order in which the keys come to their next turn.
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
    // To the end of those that wait.
    lines.delete(line.key);
    if (line.waiters.length > 0) lines.set(line.key, line);
    startNext();
  }

  /** Whether it still waited. */
  function remove(line: Line, waiter: Waiter): boolean {
    const place = line.waiters.indexOf(waiter);
    if (place === -1) return false;
    line.waiters.splice(place, 1);
    if (!line.isRunning && line.waiters.length === 0) lines.delete(line.key);
    return true;
  }

  /** Makes room for one more of this key, at the cost of whoever has most waiting: the newest of theirs goes. */
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
