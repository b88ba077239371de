import pg from 'pg';

/** From when on a statement counts as slow, in milliseconds. */
const slowMs = 200;
/** How long whoever had a slow statement is held to their share. */
const rememberedMs = 10_000;
/** How often to look whether slow statements must make way, while somebody waits for a connection. */
const lookMs = 100;
/** How often one statement may have to make way before it is left alone. */
const yieldsMax = 3;
/** PostgreSQL's code for a statement that was cancelled. */
const cancelled = '57014';

/** One statement that runs. */
export interface Running {
  /**
   * Called when it has its connection, whose process at the server this is.
   * @throws NotYet when the connection is to be given back, because its owner came to have enough meanwhile.
   */
  begin(processId: number): void;
  /** Whether it was told to make way: its connection may still be told so, and is of no more use. */
  readonly isCancelled: boolean;
}

/** Keeps the pool open for everybody. */
export interface FairShare {
  /**
   * Runs a statement for an owner, as soon as the owner may have another: who has slow ones has at most a third of the
   * pool. Where slow ones have more and others wait, the newest are cancelled and run again in their turn, so `work`
   * must be one statement, which leaves nothing behind when it is cancelled.
   */
  run<Result>(owner: string, work: (running: Running) => Promise<Result>): Promise<Result>;
}

/** The statement waits for another turn. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

interface Statement extends Running {
  isCancelled: boolean;
  /** Set when it has a connection. */
  processId: number | undefined;
  begunAt: number;
  /** How often it has made way before. */
  readonly yields: number;
}

interface Owner {
  /** Those that may run, whether they have a connection yet or wait for one. */
  readonly running: Set<Statement>;
  readonly waiting: (() => void)[];
  slowUntil: number;
}

export function createFairShare(options: {
  readonly poolSize: number;
  /** How many wait for a connection now. */
  readonly waitingCount: () => number;
  /** Cancels what these processes of the server do. */
  readonly cancel: (processIds: readonly number[]) => Promise<void>;
}): FairShare {
  const share = Math.max(1, Math.floor(options.poolSize / 3));
  const owners = new Map<string, Owner>();
  let timer: NodeJS.Timeout | undefined;

  /** Undefined: at once. */
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
    // Whoever is let in counts at once, before it goes on.
    if (mayRun(owner)) owner.waiting.shift()?.();
    forget(name, owner);
  }

  function forget(name: string, { running, waiting, slowUntil }: Owner): void {
    if (running.size === 0 && waiting.length === 0 && performance.now() >= slowUntil) owners.delete(name);
  }

  /** As long as somebody has more than a share, it may have to be taken back. */
  function watch(): void {
    timer ??= setInterval(() => {
      const greedy = [...owners.values()].filter(({ running }) => running.size > share);
      if (greedy.length === 0) {
        clearInterval(timer);
        timer = undefined;
      } else for (const owner of greedy) takeBack(owner);
    }, lookMs).unref();
  }

  function takeBack({ running }: Owner): void {
    const now = performance.now();
    const own = [...running].filter(({ processId }) => processId === undefined).length;
    if (options.waitingCount() <= own) return;
    // Cancelled ones are on their way out.
    const slow = [...running].filter((statement) => isSlow(statement, now) && !statement.isCancelled);
    const newest = slow.slice(share).filter(({ yields }) => yields < yieldsMax);
    for (const statement of newest) statement.isCancelled = true;
    const processIds = newest.flatMap(({ processId }) => processId ?? []);
    // Where it cannot be done they only take longer.
    if (processIds.length > 0) options.cancel(processIds).catch(() => undefined);
  }

  function newStatement(owner: Owner, yields: number): Statement {
    return {
      yields,
      isCancelled: false,
      processId: undefined,
      begunAt: 0,
      begin(processId) {
        const now = performance.now();
        const begun = [...owner.running].filter((other) => other.processId !== undefined);
        const isHeld = now < owner.slowUntil || begun.some((other) => isSlow(other, now));
        if (isHeld && begun.length >= share) throw new NotYet();
        this.processId = processId;
        this.begunAt = now;
      },
    };
  }

  return {
    async run(name, work) {
      for (let yields = 0; ; yields++) {
        const owner = owners.get(name) ?? { running: new Set(), waiting: [], slowUntil: 0 };
        owners.set(name, owner);
        const turn = turnOf(owner);
        if (turn) await turn;
        const statement = newStatement(owner, yields);
        owner.running.add(statement);
        if (owner.running.size > share) watch();
        try {
          return await work(statement);
        } catch (error) {
          if (error instanceof NotYet) {
            yields -= 1;
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
