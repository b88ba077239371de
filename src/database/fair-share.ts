import pg from 'pg';

/** Milliseconds after which a statement counts as slow. */
const slowMs = 200;
/** Milliseconds for which an owner is limited to a share after a slow statement. */
const rememberedMs = 10_000;
/** Milliseconds between two checks whether slow statements must be cancelled, because others wait for a connection. */
const pollMs = 100;
/** Milliseconds after which a cancellation is repeated if its statement still runs: as long as one may take. */
const repeatMs = 2_000;
/** Maximum number of times one statement is cancelled and run again. */
const maxCancellations = 3;
/** PostgreSQL's code for a statement that was cancelled. */
const cancelled = '57014';

/** A running statement. */
export interface Running {
  /**
   * Call it when the statement has a connection.
   * @param processId the server process of the connection
   * @throws NotYet when the statement must return the connection and wait, because its owner has reached the share in
   * the meantime.
   */
  begin(processId: number): void;
  /**
   * Whether the statement was cancelled. The cancellation may still reach the connection later, so the connection must
   * be closed.
   */
  readonly isCancelled: boolean;
}

/** Limits how much of the pool one owner's slow statements can occupy. */
export interface FairShare {
  /**
   * Runs a statement as soon as its owner may run another: an owner with slow statements gets at most a third of the
   * pool. If an owner's slow statements exceed that share while others wait for a connection, the newest are cancelled
   * and run again later. So `work` must be one statement that has no effect when it is cancelled.
   */
  run<Result>(owner: string, work: (running: Running) => Promise<Result>): Promise<Result>;
}

/** Thrown by `begin`. The caller must return the connection; `run` then queues the statement again. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

interface Statement extends Running {
  /** When the newest cancellation was sent; undefined if there was none. */
  cancelledAt: number | undefined;
  /** Undefined until the statement has a connection. */
  processId: number | undefined;
  begunAt: number;
  /** How many times the statement was cancelled before. */
  readonly cancellations: number;
}

interface Owner {
  /** Statements that may run; some may still be waiting for a connection. */
  readonly running: Set<Statement>;
  readonly waiting: (() => void)[];
  slowUntil: number;
}

export function createFairShare(options: {
  readonly poolSize: number;
  /** Number of statements waiting for a connection. */
  readonly waitingCount: () => number;
  /** Cancels the current statements of these server processes. */
  readonly cancel: (processIds: readonly number[]) => Promise<void>;
}): FairShare {
  const share = Math.max(1, Math.floor(options.poolSize / 3));
  const owners = new Map<string, Owner>();
  let timer: NodeJS.Timeout | undefined;

  /** Resolves when the owner may run another statement; undefined: immediately. */
  function turnOf(owner: Owner): Promise<void> | undefined {
    if (owner.waiting.length === 0 && mayRun(owner)) return undefined;
    return new Promise((resolve) => owner.waiting.push(resolve));
  }

  function mayRun({ running, slowUntil }: Owner): boolean {
    if (running.size < share) return true;
    const now = performance.now();
    return now >= slowUntil && ![...running].some((statement) => isSlow(statement, now));
  }

  function end(name: string, owner: Owner, statement: Statement): void {
    const now = performance.now();
    owner.running.delete(statement);
    if (isSlow(statement, now)) {
      owner.slowUntil = now + rememberedMs;
      setTimeout(() => forget(name, owner), rememberedMs).unref();
    }
    // Starts at most one waiting statement; each statement that ends starts the next.
    if (mayRun(owner)) owner.waiting.shift()?.();
    forget(name, owner);
  }

  function forget(name: string, { running, waiting, slowUntil }: Owner): void {
    if (running.size === 0 && waiting.length === 0 && performance.now() >= slowUntil) owners.delete(name);
  }

  /** Checks owners regularly while one of them runs more statements than its share. */
  function watch(): void {
    timer ??= setInterval(() => {
      const greedy = [...owners.values()].filter(({ running }) => running.size > share);
      if (greedy.length === 0) {
        clearInterval(timer);
        timer = undefined;
      } else for (const owner of greedy) cancelExcess(owner);
    }, pollMs).unref();
  }

  /** Cancels the owner's newest slow statements beyond its share, if other owners wait for a connection. */
  function cancelExcess({ running }: Owner): void {
    const now = performance.now();
    const ownWaiting = [...running].filter(({ processId }) => processId === undefined).length;
    if (options.waitingCount() <= ownWaiting) return;
    // Statements that were just cancelled will end soon. A cancellation is lost if it fails, or if it reaches the server
    // before its statement, which happens on a busy machine.
    const slow = [...running].filter((one) => isSlow(one, now) && !isBeingCancelled(one, now));
    const newest = slow.slice(share).filter(({ cancellations }) => cancellations < maxCancellations);
    for (const statement of newest) statement.cancelledAt = now;
    const processIds = newest.flatMap(({ processId }) => processId ?? []);
    // If it fails, it is repeated.
    if (processIds.length > 0) options.cancel(processIds).catch(() => undefined);
  }

  function newStatement(owner: Owner, cancellations: number): Statement {
    return {
      cancellations,
      cancelledAt: undefined,
      get isCancelled() {
        return this.cancelledAt !== undefined;
      },
      processId: undefined,
      begunAt: 0,
      begin(processId) {
        const now = performance.now();
        const begun = [...owner.running].filter((other) => other.processId !== undefined);
        const isLimited = now < owner.slowUntil || begun.some((other) => isSlow(other, now));
        if (isLimited && begun.length >= share) throw new NotYet();
        this.processId = processId;
        this.begunAt = now;
      },
    };
  }

  return {
    async run(name, work) {
      for (let cancellations = 0; ; cancellations++) {
        const owner = owners.get(name) ?? { running: new Set(), waiting: [], slowUntil: 0 };
        owners.set(name, owner);
        const turn = turnOf(owner);
        if (turn) await turn;
        const statement = newStatement(owner, cancellations);
        owner.running.add(statement);
        if (owner.running.size > share) watch();
        try {
          return await work(statement);
        } catch (error) {
          if (error instanceof NotYet) {
            cancellations -= 1;
            continue;
          }
          const isOurs = statement.isCancelled && error instanceof pg.DatabaseError && error.code === cancelled;
          if (!isOurs) throw error;
        } finally {
          end(name, owner, statement);
        }
      }
    },
  };
}

function isSlow({ begunAt, processId }: Statement, now: number): boolean {
  return processId !== undefined && now - begunAt >= slowMs;
}

function isBeingCancelled({ cancelledAt }: Statement, now: number): boolean {
  return cancelledAt !== undefined && now - cancelledAt < repeatMs;
}
