import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import { createNotifications, deleteNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import type { Context } from '../notifications/people.ts';
import { contextFor } from '../notifications/people.ts';
import { testDatabase } from '../support/database.ts';
import { withStatements } from '../support/statements.ts';
import { afterwards } from './afterwards.ts';
import { lotFor, report, scale } from './live-figures.ts';
import { startNodes } from './live-node.ts';
import { figuresOf, flawless, followAll, judge, people } from './live-stage.ts';
import { write } from './live-writers.ts';

const writes = 200 * scale;
const writers = 4;
/** Writes that pass a transaction before it ends. */
const passing = 4;
const lookMs = 20;

jest.setTimeout(120_000 + 60_000 * scale);

/** Raised to roll back. */
class ThoughtBetter extends Error {
  override readonly name = 'ThoughtBetter';
}

it('tells what is committed late, after others passed it, and never what was rolled back', async () => {
  const { db, url: databaseUrl, drop } = await testDatabase();
  afterwards(drop);
  const { urls, url } = await startNodes(2, databaseUrl);
  const some = await people(url, 5);
  const recipients = some.map(({ id }) => id);
  const followers = await followAll(some, 2, urls);
  const lot = lotFor('late commits');
  const late = { committed: 0, 'rolled back': 0 };
  let acknowledged = 0;
  let isOver = false;
  let passed = promiseWithResolvers<void>();
  let goal = 0;

  const holding = holdAgainAndAgain();
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
  await holding;

  expect(load.unsure).toBe(0);
  expect(await judge({ databaseUrl, url }, followers, load)).toEqual(flawless);
  expect(Math.min(late.committed, late['rolled back'])).toBeGreaterThan(0);
  report('late commits', { ...figuresOf(load, followers), ...late });

  /** A writer that is slow to commit, and dies before it tells anybody. */
  async function holdAgainAndAgain(): Promise<void> {
    let own: readonly number[] = [];
    while (!isOver) {
      const isKept = lot.below(3) > 0;
      let written: readonly number[] = [];
      try {
        await db.transaction(async (transaction) => {
          const held = withStatements(db, { query: transaction.query, transaction: (work) => work(transaction) });
          const admin = contextFor(held, { kind: 'user', id: recipients[0] ?? '', role: 'admin' });
          written = await writeOne(admin, own);
          await othersPass();
          if (!isKept) throw new ThoughtBetter();
        });
        late.committed += 1;
        own = written;
      } catch (error) {
        if (!(error instanceof ThoughtBetter)) throw error;
        late['rolled back'] += 1;
      }
    }
  }

  /**
   * One write, as any node makes it: two in one transaction would not keep the order of locks. Gives the keys
   * there are then.
   */
  async function writeOne(admin: Context, own: readonly number[]): Promise<readonly number[]> {
    const kind = own.length < 6 ? 'create' : lot.of(['create', 'create', 'move', 'archive', 'delete']);
    if (kind === 'create') {
      const items = Array.from({ length: 1 + lot.below(3) }, () => ({
        recipient: lot.of(recipients),
        subject: 'late',
      }));
      return [...own, ...(await createNotifications(admin, items)).map(({ id }) => id)];
    }
    const id = lot.of(own);
    if (kind === 'move') await updateNotifications(admin, [id], { recipient: lot.of(recipients) });
    else if (kind === 'archive') await updateNotifications(admin, [id], { status: lot.of(['inbox', 'archived']) });
    else await deleteNotifications(admin, [id]);
    return kind === 'delete' ? own.filter((other) => other !== id) : own;
  }

  /** Until others have written, or all of them wait for this transaction; meanwhile followers come back and read. */
  async function othersPass(): Promise<void> {
    passed = promiseWithResolvers();
    goal = acknowledged + passing;
    for (const follower of followers) if (lot.below(6) === 0) follower.hangUp();
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
      // At the end there are fewer writes than writers.
      if ((waiting?.count ?? 0) >= Math.min(writers, writes - acknowledged)) return;
      await delay(lookMs);
    }
  }
});
