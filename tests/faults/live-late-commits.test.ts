import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import { createNotifications, deleteNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import type { Context } from '../notifications/people.ts';
import { contextFor } from '../notifications/people.ts';
import { testDatabase } from '../support/database.ts';
import { withStatements } from '../support/statements.ts';
import { afterwards } from './afterwards.ts';
import { randomFor, report, scale } from './live-figures.ts';
import { startNodes } from './live-node.ts';
import { compare, figuresOf, followAll, noFaults, people } from './live-stage.ts';
import { write } from './live-writers.ts';

const writes = 200 * scale;
const writers = 4;
/** Number of writes that are committed while a transaction is open. */
const writesMeanwhile = 4;
/** Milliseconds between two polls. */
const pollMs = 20;

jest.setTimeout(120_000 + 60_000 * scale);

/** Thrown to roll back. */
class RolledBack extends Error {
  override readonly name = 'RolledBack';
}

it('writes that commit after later ones are sent, and rolled-back ones are not', async () => {
  const { db, url: databaseUrl, drop } = await testDatabase();
  afterwards(drop);
  const { urls, url } = await startNodes(2, databaseUrl);
  const some = await people(url, 5);
  const recipients = some.map(({ id }) => id);
  const followers = await followAll(some, 2, urls);
  const random = randomFor('late commits');
  const late = { committed: 0, 'rolled back': 0 };
  let acknowledged = 0;
  let isOver = false;
  let passed = promiseWithResolvers<void>();
  let goal = 0;

  const writingLate = writeLate();
  const load = await write({
    name: 'late commits',
    recipients,
    urls,
    writes,
    writers,
    onWrite(soFar) {
      acknowledged = soFar.acknowledged;
      if (acknowledged >= goal) passed.resolve();
    },
  });
  isOver = true;
  passed.resolve();
  await writingLate;

  expect(load.unanswered).toBe(0);
  expect(await compare({ databaseUrl, url }, followers, load)).toEqual(noFaults);
  expect(Math.min(late.committed, late['rolled back'])).toBeGreaterThan(0);
  report('late commits', { ...figuresOf(load, followers), ...late });

  /** Writes in transactions that stay open for a while, and whose commits publish nothing. */
  async function writeLate(): Promise<void> {
    let own: readonly number[] = [];
    while (!isOver) {
      const isKept = random.below(3) > 0;
      let written: readonly number[] = [];
      try {
        await db.transaction(async (transaction) => {
          const held = withStatements(db, { query: transaction.query, transaction: (work) => work(transaction) });
          const admin = contextFor(held, userViewer(recipients[0] ?? '', 'admin'));
          written = await writeOne(admin, own);
          await waitForOthers();
          if (!isKept) throw new RolledBack();
        });
        late.committed += 1;
        own = written;
      } catch (error) {
        if (!(error instanceof RolledBack)) throw error;
        late['rolled back'] += 1;
      }
    }
  }

  /**
   * Makes one write in the transaction; a second one could deadlock with other writers, which lock inboxes in order.
   * Returns the keys that exist after the write.
   */
  async function writeOne(admin: Context, own: readonly number[]): Promise<readonly number[]> {
    const kind = own.length < 6 ? 'create' : random.pick(['create', 'create', 'move', 'archive', 'delete']);
    if (kind === 'create') {
      const items = Array.from({ length: 1 + random.below(3) }, () => ({
        recipient: random.pick(recipients),
        subject: 'late',
      }));
      return [...own, ...(await createNotifications(admin, items)).map(({ id }) => id)];
    }
    const id = random.pick(own);
    if (kind === 'move') await updateNotifications(admin, [id], { recipient: random.pick(recipients) });
    else if (kind === 'archive') await updateNotifications(admin, [id], { status: random.pick(['inbox', 'archived']) });
    else await deleteNotifications(admin, [id]);
    return kind === 'delete' ? own.filter((other) => other !== id) : own;
  }

  /** Waits until others have written or all wait for this transaction; meanwhile some followers reconnect. */
  async function waitForOthers(): Promise<void> {
    passed = promiseWithResolvers();
    goal = acknowledged + writesMeanwhile;
    for (const follower of followers) if (random.below(6) === 0) follower.disconnect();
    let isPassed = false;
    void passed.promise.then(() => {
      isPassed = true;
    });
    while (!isPassed && !isOver) {
      const [waiting] = await db.query<{ count: number }>({
        text: `select count(*) as count from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock'`,
        values: [],
      });
      // At the end fewer writes remain than there are writers.
      if ((waiting?.count ?? 0) >= Math.min(writers, writes - acknowledged)) return;
      await delay(pollMs);
    }
  }
});
