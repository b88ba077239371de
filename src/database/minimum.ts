import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type MinimumGeneration, minimumKey } from './compatibility.ts';
import { nodeLockClass } from './lock-keys.ts';
import { MigrationError } from './migrations.ts';

/** Milliseconds between checks whether older nodes have stopped. */
const pollMs = 200;

/** Stores the minimum generation; undefined removes it, so that code of any generation may write. */
export async function writeMinimum(client: pg.Client, minimum: MinimumGeneration | undefined): Promise<void> {
  if (minimum === undefined) {
    await client.query('delete from settings where key = $1', [minimumKey]);
    return;
  }
  await client.query(
    'insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
    [minimumKey, JSON.stringify(minimum)],
  );
}

/**
 * Waits until every node of an older generation has stopped writing. Each node reads the minimum within seconds,
 * finishes its current work and releases its lock.
 * @throws MigrationError naming the nodes that did not stop in time.
 */
async function waitForOlderNodes(
  client: pg.Client,
  { generation, migration }: MinimumGeneration,
  { log, waitMs }: { readonly log: Pick<Logger, 'info'>; readonly waitMs: number },
): Promise<void> {
  const end = performance.now() + waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const nodes = await nodesBelow(client, generation);
    if (nodes.length === 0) return;
    if (isFirst) log.info({ migration, nodes }, 'waiting for older nodes to stop');
    if (performance.now() > end) {
      throw new MigrationError(
        `The migration ${migration} needs older nodes to stop first, but these are still running: ${nodes.join(', ')}. Stop them and start again.`,
      );
    }
    await delay(pollMs);
  }
}

/** The nodes, of any generation, that may write to the database now. */
export function workingNodes(client: pg.Client): Promise<readonly string[]> {
  return nodesBelow(client, 2 ** 31);
}

async function nodesBelow(client: pg.Client, generation: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ pid: number; address: string | null }>(holdersText, [
    nodeLockClass,
    generation,
  ]);
  return rows.map(({ pid, address }) => `${address ?? 'this machine'} (backend ${pid})`);
}

/** Raises the minimum, waits until older nodes have stopped, and runs `work`. On failure, restores the minimum. */
export async function runAfterOlderNodes<Result>(
  client: pg.Client,
  raised: MinimumGeneration,
  {
    before,
    ...waiting
  }: {
    readonly before: MinimumGeneration | undefined;
    readonly log: Pick<Logger, 'info'>;
    readonly waitMs: number;
  },
  work: () => Promise<Result>,
): Promise<Result> {
  await writeMinimum(client, raised);
  try {
    await waitForOlderNodes(client, raised, waiting);
    return await work();
  } catch (error) {
    await writeMinimum(client, before).catch(() => undefined);
    throw error;
  }
}

const holdersText = `
  select pid, client_addr::text as address
  from pg_locks left join pg_stat_activity using (pid)
  where locktype = 'advisory' and classid = $1 and objid::bigint < $2::bigint and granted
    and database = (select oid from pg_database where datname = current_database())
  order by pid`;
