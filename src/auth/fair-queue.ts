import { requestsExceeded, type ServiceError } from '../errors.ts';

/** Whose work is queued, and whether it may be refused. */
export interface QueueEntry {
  /** An address or a user; work with the same key runs one at a time. */
  readonly key: string;
  /** Whether the work may be refused when the queue is full. */
  readonly isRefusable: boolean;
  /** Aborted when the requester has left. */
  readonly signal?: AbortSignal | undefined;
}

/** A queue for expensive work that is fair to each key. */
export interface FairQueue {
  /**
   * Runs the work: one per key at a time, and the keys in rotation, however much each has queued.
   * @throws ServiceError REQUESTS_EXCEEDED when the key has its maximum number queued, or when the whole queue is full
   * and no other key has more queued; the reason of the signal when it is aborted first.
   */
  run<Result>(entry: QueueEntry, work: () => Promise<Result>): Promise<Result>;
}

export interface FairQueueOptions {
  /** Maximum number running concurrently. */
  readonly maxRunning: number;
  /** Maximum refusable work queued per key, and in total. */
  readonly maxQueuedPerKey: number;
  readonly maxQueued: number;
}

interface Waiter {
  readonly isRefusable: boolean;
  start(): void;
  refuse(error: ServiceError): void;
}

/** Running and queued work of one key. */
interface KeyQueue {
  readonly key: string;
  isRunning: boolean;
  readonly waiters: Waiter[];
}

export function createFairQueue({ maxRunning, maxQueuedPerKey, maxQueued }: FairQueueOptions): FairQueue {
  // In the order of the keys' next turns.
  const keys = new Map<string, KeyQueue>();
  let running = 0;

  const refusable = ({ waiters }: KeyQueue) => waiters.filter(({ isRefusable }) => isRefusable);

  function startNext(): void {
    while (running < maxRunning) {
      const next = [...keys].find(([, { isRunning, waiters }]) => !isRunning && waiters.length > 0);
      if (!next) return;
      const [, queue] = next;
      queue.isRunning = true;
      running += 1;
      queue.waiters.shift()?.start();
    }
  }

  function end(queue: KeyQueue): void {
    queue.isRunning = false;
    running -= 1;
    // Moves the key to the end of the rotation.
    keys.delete(queue.key);
    if (queue.waiters.length > 0) keys.set(queue.key, queue);
    startNext();
  }

  /** Returns whether it was still queued. */
  function remove(queue: KeyQueue, waiter: Waiter): boolean {
    const index = queue.waiters.indexOf(waiter);
    if (index === -1) return false;
    queue.waiters.splice(index, 1);
    if (!queue.isRunning && queue.waiters.length === 0) keys.delete(queue.key);
    return true;
  }

  /** Makes room for one more entry of this key by refusing the newest entry of the key that has the most. */
  function makeRoom(queue: KeyQueue): void {
    const own = refusable(queue).length;
    if (own >= maxQueuedPerKey) throw refusal();
    const counts = [...keys.values()].map((one) => ({ one, count: refusable(one).length }));
    if (counts.reduce((sum, { count }) => sum + count, 0) < maxQueued) return;
    const fullest = counts.reduce((most, next) => (next.count > most.count ? next : most));
    if (fullest.count <= own + 1) throw refusal();
    const newest = refusable(fullest.one).at(-1);
    if (newest && remove(fullest.one, newest)) newest.refuse(refusal());
  }

  function wait(queue: KeyQueue, { isRefusable, signal }: QueueEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (remove(queue, waiter)) reject(signal?.reason);
      };
      const stopListening = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        isRefusable,
        start() {
          stopListening();
          resolve();
        },
        refuse(error) {
          stopListening();
          reject(error);
        },
      };
      queue.waiters.push(waiter);
      signal?.addEventListener('abort', leave);
    });
  }

  return {
    async run(entry, work) {
      entry.signal?.throwIfAborted();
      const queue = keys.get(entry.key) ?? { key: entry.key, isRunning: false, waiters: [] };
      const mustWait = queue.isRunning || queue.waiters.length > 0 || running >= maxRunning;
      if (mustWait && entry.isRefusable) makeRoom(queue);
      keys.set(entry.key, queue);
      const started = wait(queue, entry);
      startNext();
      await started;
      try {
        return await work();
      } finally {
        end(queue);
      }
    },
  };
}

const refusal = () => requestsExceeded('too many passwords are being checked, try again in a moment');
