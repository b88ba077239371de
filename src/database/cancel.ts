import pg from 'pg';

/** Timeout in milliseconds of connecting and of the statement. */
const reachMs = 2000;

/** The id of the server process of a connection. */
export function processIdOf(client: pg.PoolClient): number {
  // The types of `pg` lack this property.
  return (client as unknown as { readonly processID: number }).processID;
}

/**
 * Cancels the current statements of these server processes, over a new connection, because those of the pool are in
 * use.
 */
export async function cancelStatements(url: string, processIds: readonly number[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: reachMs, query_timeout: reachMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_cancel_backend(process) from unnest($1::int[]) process', [processIds]);
  } finally {
    client.end().catch(() => undefined);
  }
}
