import type { Lease } from './lease.ts';
import type { LeaseLoop } from './lease-loop.ts';
import type { Worker } from './worker.ts';

/** The parts of one method's pipeline that isolation controls. */
export interface IsolatedMethod {
  readonly loop: Pick<LeaseLoop, 'pause' | 'resume'>;
  readonly worker: Pick<Worker, 'capacity' | 'returnUnstarted' | 'start' | 'whenIdle'>;
  /** Leases at most one delivery that is suspected of crashing a node. */
  readonly leaseCrashSuspect: () => Promise<Lease>;
}

/**
 * Sends the suspects one at a time while nothing else is in progress. A suspect is a delivery whose message may have
 * crashed a node.
 */
export interface Isolation {
  /**
   * Starts a round, which sends the suspects that are due. Does nothing during a round, and for `roundMs` after a round
   * that took its full time.
   */
  start(): void;
  /** Resolves when the current round has ended. A suspect that is leased but not started is returned to the queue. */
  stop(): Promise<void>;
}

/**
 * Maximum duration of a round, during which suspects delay all other deliveries. After such a round, the others get at
 * least as much time.
 */
const roundMs = 10_000;

/**
 * If a node crashes while a message is sent alone, that message is the cause, and no other delivery is blamed for it.
 * @param onError called with an error that ended a round
 */
export function createIsolation(methods: readonly IsolatedMethod[], onError: (error: unknown) => void): Isolation {
  let isStopping = false;
  let onStop: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => {
    onStop = resolve;
  });
  let running: Promise<void> | undefined;
  let noRoundUntil = Number.NEGATIVE_INFINITY;

  const whenIdle = () => Promise.race([stopping, Promise.all(methods.map(({ worker }) => worker.whenIdle()))]);
  const sendSuspects = async ({ worker, leaseCrashSuspect }: IsolatedMethod, roundEnd: number) => {
    // The worker has no capacity while its receiver has asked to wait.
    while (!isStopping && performance.now() < roundEnd && worker.capacity() > 0) {
      const lease = await leaseCrashSuspect();
      if (lease.deliveries.length === 0) return;
      worker.start(lease);
      if (isStopping) worker.returnUnstarted();
      await whenIdle();
    }
  };
  const run = async () => {
    try {
      await Promise.all(methods.map(({ loop }) => loop.pause()));
      await whenIdle();
      const roundEnd = performance.now() + roundMs;
      for (const method of methods) await sendSuspects(method, roundEnd);
      if (performance.now() >= roundEnd) noRoundUntil = performance.now() + roundMs;
    } finally {
      for (const { loop } of methods) loop.resume();
    }
  };

  return {
    start() {
      if (isStopping || performance.now() < noRoundUntil) return;
      running ??= run()
        .catch(onError)
        .finally(() => {
          running = undefined;
        });
    },
    async stop() {
      isStopping = true;
      onStop();
      await running;
    },
  };
}
