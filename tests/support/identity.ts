import { v4 as uuid } from 'uuid';
import type { Queryable } from '../../src/database/database.ts';
import type { DatabaseIdentity } from '../../src/database/identity.ts';

/** An identity that changes when a test calls `change`. */
export interface TestIdentity extends DatabaseIdentity {
  /** Changes it to this one, by default to a new one. */
  change(to?: string): void;
}

export function anIdentity(): TestIdentity {
  const listeners = new Set<() => void>();
  let id = uuid();
  return {
    current: () => id,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    change(to = uuid()) {
      id = to;
      for (const listener of [...listeners]) listener();
    },
  };
}

const known = new WeakMap<Queryable, TestIdentity>();

/** The one identity of a database within this test. */
export function identityOf(db: Queryable): TestIdentity {
  const identity = known.get(db) ?? anIdentity();
  known.set(db, identity);
  return identity;
}
