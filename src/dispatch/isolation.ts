import type { Lane, Worker } from './lane.ts';
import type { Lease } from './lease.ts';

/** What sends the messages of one method. */
export interface IsolatedMethod {
  readonly lane: Pick<Lane, 'hold' | 'release'>;
  readonly worker: Pick<Worker, 'idle' | 'release' | 'room' | 'take'>;
  /** Leases one message that is to be sent alone. */
  readonly leaseSuspect: () => Promise<Lease>;
}

/** Sends messages during which a node may have ended, each while nothing else is under way on this node. */
export interface Isolation {
  /** Sends what is due of them; returns at once. Nothing happens while it does so, or has just done so for long. */
  start(): void;
  /** Fulfilled when it does nothing any more; what it had leased and not started is given back. */
  stop(): Promise<void>;
}

/** For how long suspects keep everything else waiting; then that has its turn for as long. */
const roundMs = 10_000;

/**
 * A message that ends its node while it is alone is known for certain, and no other is blamed for it.
 * @param onError told what kept it from leasing
 */
export function createIsolation(methods: readonly IsolatedMethod[], onError: (error: unknown) => void): Isolation {
  let isStopping = false;
  let stopped: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  let running: Promise<void> | undefined;
  let restsUntil = Number.NEGATIVE_INFINITY;

  const idle = () => Promise.race([stopping, Promise.all(methods.map(({ worker }) => worker.idle()))]);
  const sendAll = async ({ worker, leaseSuspect }: IsolatedMethod, end: number) => {
    // Without room its receiver has asked to wait.
    while (!isStopping && performance.now() < end && worker.room() > 0) {
      const lease = await leaseSuspect();
      if (lease.rows.length === 0) return;
      worker.take(lease);
      if (isStopping) worker.release();
      await idle();
    }
  };
  const run = async () => {
    try {
      await Promise.all(methods.map(({ lane }) => lane.hold()));
      await idle();
      const end = performance.now() + roundMs;
      for (const method of methods) await sendAll(method, end);
      if (performance.now() >= end) restsUntil = performance.now() + roundMs;
    } finally {
      for (const { lane } of methods) lane.release();
    }
  };

  return {
    start() {
      if (isStopping || performance.now() < restsUntil) return;
      running ??= run()
        .catch(onError)
        .finally(() => {
          running = undefined;
        });
    },
    async stop() {
      isStopping = true;
      stopped();
      await running;
    },
  };
}
