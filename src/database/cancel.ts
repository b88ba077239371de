import pg from 'pg';

/** How long it may take to reach the server. */
const reachMs = 2000;

/** The process at the server behind a connection. */
export function processIdOf(client: pg.PoolClient): number {
  // `pg` has it, but not in its types.
  return (client as unknown as { readonly processID: number }).processID;
}

/** Cancels whatever these processes do now, over a connection of its own: those of the pool are in use. */
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
