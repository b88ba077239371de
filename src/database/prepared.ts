import type pg from 'pg';

/** Maximum number of prepared statements of one connection. */
const preparedMax = 200;
/**
 * Number of statements deallocated at a time, so that a connection at the maximum does not deallocate one for each new
 * statement.
 */
const deallocatedAtOnce = 20;

/** The part of a connection in which `pg` records its prepared statements. */
interface Prepared {
  readonly connection: { readonly parsedStatements: Record<string, string | undefined> };
}

const used = new WeakMap<object, Set<string>>();

/**
 * Records that a connection is about to use a named statement. Beyond the maximum, deallocates the least recently used
 * ones and returns a promise, which the caller must await first.
 */
export function notePrepared(client: pg.PoolClient, name: string): Promise<void> | undefined {
  const names = used.get(client) ?? new Set();
  used.set(client, names);
  names.delete(name);
  names.add(name);
  return names.size > preparedMax ? deallocate(client, names) : undefined;
}

async function deallocate(client: pg.PoolClient, names: Set<string>): Promise<void> {
  // The types of `pg` lack this property.
  const { parsedStatements } = (client as unknown as Prepared).connection;
  const oldest = [...names].slice(0, deallocatedAtOnce);
  // Statements that PostgreSQL failed to prepare do not exist on the server.
  const prepared = oldest.filter((name) => parsedStatements[name] !== undefined);
  if (prepared.length > 0) await client.query(prepared.map((name) => `DEALLOCATE "${name}"`).join(';'));
  for (const name of oldest) {
    names.delete(name);
    delete parsedStatements[name];
  }
}
