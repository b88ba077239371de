import { afterCommit } from '../database/unit-of-work.ts';

type Listener = (userId: string) => void;

// Keyed by the Prisma client. Each service has its own, so two services in one process do not share listeners.
const listeners = new WeakMap<object, Set<Listener>>();

/**
 * Announces in this process that cached rights of a user are outdated. Call it after the commit. In a unit of work it
 * takes effect when the unit is committed.
 */
export function announceRevocation(prisma: object, userId: string): void {
  afterCommit(prisma, (client) => {
    for (const listener of listeners.get(client) ?? []) listener(userId);
  });
}

/** Calls `listener` with each user whose rights, tokens or status this process changes from now on. */
export function onRevocation(prisma: object, listener: Listener): void {
  const existing = listeners.get(prisma) ?? new Set();
  listeners.set(prisma, existing.add(listener));
}
