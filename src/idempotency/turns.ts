/** Limits how much work of one user runs at the same time; more waits for its turn. */
export interface Turns {
  run<Result>(user: string, work: () => Promise<Result>): Promise<Result>;
}

interface UserTurns {
  running: number;
  readonly waiting: (() => void)[];
}

/** @param most how much work of one user may run at the same time */
export function createTurns(most: number): Turns {
  const users = new Map<string, UserTurns>();

  function end(user: string, turns: UserTurns): void {
    const next = turns.waiting.shift();
    if (next !== undefined) next();
    else if (turns.running > 1) turns.running -= 1;
    else users.delete(user);
  }

  return {
    async run(user, work) {
      const turns = users.get(user) ?? { running: 0, waiting: [] };
      users.set(user, turns);
      if (turns.running < most) turns.running += 1;
      // Whoever ends passes its turn on.
      else await new Promise<void>((resolve) => turns.waiting.push(resolve));
      try {
        return await work();
      } finally {
        end(user, turns);
      }
    },
  };
}
