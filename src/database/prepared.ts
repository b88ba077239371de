import type pg from 'pg';

/** Prepared statements that one connection keeps. */
const preparedMax = 200;
/** Given up together, so that a connection which always has one too many asks for it once in a while. */
const givenUp = 20;

/** The part of a connection in which `pg` remembers what it has prepared. */
interface Prepared {
  readonly connection: { readonly parsedStatements: Record<string, string | undefined> };
}

const used = new WeakMap<object, Set<string>>();

/**
 * Notes that a connection is about to use a named statement. Beyond the most that it keeps, those that were not used
 * for the longest time are deallocated, which is to be waited for.
 */
export function notePrepared(client: pg.PoolClient, name: string): Promise<void> | undefined {
  const names = used.get(client) ?? new Set();
  used.set(client, names);
  names.delete(name);
  names.add(name);
  return names.size > preparedMax ? deallocate(client, names) : undefined;
}

async function deallocate(client: pg.PoolClient, names: Set<string>): Promise<void> {
  // `pg` has it, but not in its types.
  const { parsedStatements } = (client as unknown as Prepared).connection;
  const oldest = [...names].slice(0, givenUp);
  // One that failed to be prepared is not there.
  const there = oldest.filter((name) => parsedStatements[name] !== undefined);
  if (there.length > 0) await client.query(there.map((name) => `DEALLOCATE "${name}"`).join(';'));
  for (const name of oldest) {
    names.delete(name);
    delete parsedStatements[name];
  }
}
