import type { Lane, Worker } from './lane.ts';
import type { Lease } from './lease.ts';

/** What sends the messages of one method. */
export interface IsolatedMethod {
  readonly lane: Pick<Lane, 'hold' | 'release'>;
  readonly worker: Pick<Worker, 'idle' | 'take' | 'release'>;
  /** Leases one message that is to be sent alone. */
  readonly leaseSuspect: () => Promise<Lease>;
}

/** For how long, at most, suspects keep everything else waiting before that has its turn again. */
const roundMs = 10_000;

/**
 * Sends messages during which a node may have ended, each while nothing else is under way on this node: one that ends it
 * then is known for certain, and no other is blamed. Without an end the round is over after some seconds.
 * @param stopping fulfilled when the dispatcher stops
 */
export async function sendAlone(methods: readonly IsolatedMethod[], stopping: Promise<void>): Promise<void> {
  let isStopping = false;
  const stopped = stopping.then(() => {
    isStopping = true;
  });
  const idle = () => Promise.race([stopped, Promise.all(methods.map(({ worker }) => worker.idle()))]);
  try {
    await Promise.all(methods.map(({ lane }) => lane.hold()));
    await idle();
    const end = performance.now() + roundMs;
    for (const { worker, leaseSuspect } of methods) {
      while (!isStopping && performance.now() < end) {
        const lease = await leaseSuspect();
        if (lease.rows.length === 0) break;
        worker.take(lease);
        // Stopped while it was leased: it goes back.
        if (isStopping) worker.release();
        await idle();
      }
    }
  } finally {
    for (const { lane } of methods) lane.release();
  }
}
