import { v4 as uuid } from 'uuid';
import type { Queryable } from '../../src/database/database.ts';
import type { DatabaseIdentity } from '../../src/database/identity.ts';

/** An identity that changes when a test calls `change`. */
export interface TestIdentity extends DatabaseIdentity {
  /** Changes the identity to `to`; default: a new one. */
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

const identities = new WeakMap<Queryable, TestIdentity>();

/** The identity of a database; the same one for every call within a test file. */
export function identityOf(db: Queryable): TestIdentity {
  const identity = identities.get(db) ?? anIdentity();
  identities.set(db, identity);
  return identity;
}
