import { afterEach, expect, it } from '@jest/globals';
import { openDatabase } from '../../src/database/client.ts';
import type { Database, Queryable } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import { aStage } from '../dispatch/stage.ts';
import { inboxOf } from '../notifications/people.ts';
import { testDatabase } from '../support/database.ts';
import { aProxy, throughProxy } from '../support/proxy.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

const people = 100;
const messagesEach = 10;
/** If a connection is cut during the response to a lease statement, its deliveries wait until that lease ends. */
const shortLease = { LEASE_PERIOD_MS: '5000', DISPATCH_TIMEOUT_MS: '2000' };

it.each([
  ['connections to the database are cut', 'cut'],
  ['the database ends its sessions', 'end'],
] as const)('every notification is created once, with one attempt, although %s repeatedly', async (_what, how) => {
  const database = await testDatabase();
  const { url } = database;
  const stage = await aStage({ LEASE_COUNT: '100', MAX_SEND_ATTEMPTS: '2', ...shortLease }, database);
  cleanUps.push(stage.close);
  const ids = await Promise.all(Array.from({ length: people }, async () => (await stage.aRecipient()).id));
  for (let message = 0; message < messagesEach; message++) await stage.enqueue({ recipients: ids });
  const proxy = await aProxy({ port: Number(new URL(url).port) });
  cleanUps.push(proxy.close);
  const below = await openDatabase({ url: throughProxy(url, proxy), poolSize: 4 });
  cleanUps.push(() => below.close());
  const endSessions = () =>
    stage.db.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and application_name = 'tidings' and client_port <> -1 and pid <> pg_backend_pid()`,
      values: [],
    });
  let faults = 0;
  let statements = 0;
  const faulty: Database = {
    ...below,
    query: async <Row>(sql: Sql) => {
      const answer = below.query<Row>(sql);
      // Every third inbox statement fails, before or after it has run.
      if (sql.name?.startsWith('insert_delivered') && ++statements % 3 === 0 && statements < 15) {
        faults += 1;
        answer.catch(() => undefined);
        if (how === 'cut') proxy.cut();
        else await endSessions();
      }
      return answer;
    },
  };

  const dispatcher = stage.start({ db: faulty });
  await everythingIsSettled(stage.db);
  await dispatcher.stop();

  const log = await stage.log();
  expect(faults).toBeGreaterThanOrEqual(3);
  expect(log).toHaveLength(people * messagesEach);
  expect(log.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  expect(await inboxOf(stage.db, ids[0] ?? '')).toEqual({
    version: messagesEach,
    unread: messagesEach,
    total: messagesEach,
  });
  const rows = await stage.db.query({ text: 'select count(*) from notifications', values: [] });
  expect(rows).toEqual([{ count: people * messagesEach }]);
});

async function everythingIsSettled(db: Queryable): Promise<void> {
  for (;;) {
    const left = await db.query({
      text: `select from deliveries where status in ('pending', 'temporary_failure') limit 1`,
      values: [],
    });
    if (left.length === 0) return;
  }
}
