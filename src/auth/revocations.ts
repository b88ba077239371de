import type { Database } from '../database/database.ts';

type Listener = (userId: string) => void;

// Keyed by store, so that two services in one process do not share listeners.
const listeners = new WeakMap<Database, Set<Listener>>();

/** Announces in this process that cached rights of a user are outdated. Call it after the commit. */
export function announceRevocation(db: Database, userId: string): void {
  for (const listener of listeners.get(db) ?? []) listener(userId);
}

/** Calls `listener` with each user whose rights, tokens or status this process changes from now on. */
export function onRevocation(db: Database, listener: Listener): void {
  const known = listeners.get(db) ?? new Set();
  listeners.set(db, known.add(listener));
}
