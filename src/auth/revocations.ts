import type { Database } from '../database/database.ts';

type Listener = (userId: string) => void;

// Keyed by the store, so that two services in one process do not hear of each other's users.
const listeners = new WeakMap<Database, Set<Listener>>();

/** Tells this process that what is remembered of a user's rights is no longer true. To be called after commit. */
export function announceRevocation(db: Database, userId: string): void {
  for (const listener of listeners.get(db) ?? []) listener(userId);
}

/** Calls `listener` with every user whose rights, tokens or status this process changes from now on. */
export function onRevocation(db: Database, listener: Listener): void {
  const known = listeners.get(db) ?? new Set();
  listeners.set(db, known.add(listener));
}
