import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import type { Person } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { aProxy, throughProxy } from '../support/proxy.ts';
import { afterwards } from './afterwards.ts';
import { type LiveNode, startNode } from './live-node.ts';
import { people } from './live-stage.ts';
import { aWithholdingProxy } from './withholding-proxy.ts';

/** A node that will be killed, and the address at which its clients find the node that follows it. */
export interface DoomedNode {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly some: readonly Person[];
  readonly ids: readonly string[];
  /** The address that clients know: first of the doomed node, then of the other one. */
  readonly url: string;
  /**
   * Kills the node while its transaction waits in the middle of a change of the status, or of a deletion, of a
   * notification with the subject `heldSubject`; another node waits for the same inboxes meanwhile.
   * @param begin makes the node begin the transaction
   */
  killInTransaction(begin: () => Promise<unknown>): Promise<LiveNode>;
  /**
   * Kills the node after it has committed, and before it knows that; then starts another one.
   * @param begin makes the node begin the transaction
   * @param isCommitted whether its result can be read
   */
  killAfterCommit(begin: () => Promise<unknown>, isCommitted: () => Promise<boolean>): Promise<LiveNode>;
}

/** The subject of the notification at which a transaction can be held. */
export const heldSubject = 'Held';
/** The key of the advisory lock that holds it. */
const heldKey = 2_106_840_113;
/** Milliseconds between two polls, and until a condition must hold. */
const wait = { pollMs: 20, maxMs: 30_000 } as const;

/** Polls until the condition holds. @throws Error after 30 seconds */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + wait.maxMs;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`Waited in vain for: ${what}`);
    await delay(wait.pollMs);
  }
}

/** Starts a node on a new database, and creates `count` members. */
export async function aDoomedNode(
  count: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<DoomedNode> {
  const { db, url: databaseUrl, drop } = await testDatabase();
  afterwards(drop);
  await holdAtSubject(db);
  const proxy = await aWithholdingProxy(portOf(databaseUrl));
  const doomed = await startNode(throughProxy(databaseUrl, proxy), environment);
  const balancer = await aProxy({ port: portOf(doomed.url) });
  afterwards(balancer.close);
  const url = `http://127.0.0.1:${balancer.port}`;
  const some = await people(url, count);
  const startOther = async () => {
    const other = await startNode(databaseUrl, environment);
    balancer.retarget(portOf(other.url));
    return other;
  };
  const somebodyWaits = (condition: string) => async () =>
    (await db.query({ text: `select from pg_locks where not granted and ${condition} limit 1`, values: [] })).length >
    0;

  return {
    db,
    databaseUrl,
    some,
    ids: some.map(({ id }) => id),
    url,
    killInTransaction: (begin) =>
      db.transaction(async (holder) => {
        await holder.query({ text: 'select pg_advisory_xact_lock($1)', values: [heldKey] });
        await begin();
        await eventually('the node is held', somebodyWaits(`locktype = 'advisory' and objid = ${heldKey}`));
        const other = await startOther();
        await eventually('the other node waits for it', somebodyWaits(`locktype in ('transactionid', 'tuple')`));
        await doomed.kill();
        return other;
      }),
    async killAfterCommit(begin, isCommitted) {
      proxy.withhold();
      await begin();
      await eventually('the transaction is committed', isCommitted);
      await doomed.kill();
      return startOther();
    },
  };
}

const portOf = (url: string) => Number(new URL(url).port);

/** Changes of a notification with the subject wait while a test holds the lock. */
async function holdAtSubject(db: Database): Promise<void> {
  await db.query({
    text: `create function hold() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(${heldKey});
        return coalesce(new, old);
      end $$`,
    values: [],
  });
  for (const [name, event, condition] of [
    ['hold_update', 'update', `old.subject = '${heldSubject}' and old.status <> new.status`],
    ['hold_delete', 'delete', `old.subject = '${heldSubject}'`],
  ])
    await db.query({
      text: `create trigger ${name} before ${event} on notifications for each row when (${condition}) execute function hold()`,
      values: [],
    });
}
