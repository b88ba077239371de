import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { userViewer } from '../../src/auth/viewer.ts';
import { changeInbox, undoInboxOperation } from '../../src/notifications/change-inbox.ts';
import { readInbox } from '../../src/notifications/inbox.ts';
import { inboxActions } from '../../src/notifications/inbox-actions.ts';
import type { ItemFilter } from '../../src/notifications/inbox-filter.ts';
import { markInboxSeen } from '../../src/notifications/mark-seen.ts';
import type { Notification } from '../../src/notifications/model.ts';
import { isSeen, notificationStates, stateOf } from '../../src/notifications/states.ts';
import { createNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { followerOf, violations } from './follower.ts';
import { aNotification, aUser, contextFor, inboxOf } from './people.ts';

const { db } = await onTestDatabase();

const maybe = fc.option(fc.boolean(), { nil: undefined });
const filter: fc.Arbitrary<ItemFilter> = fc.record({
  states: fc.subarray([...notificationStates]),
  read: maybe,
  saved: maybe,
  seen: maybe,
});
const actions = inboxActions.filter((action) => action !== 'delete');
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ids'),
      action: fc.constantFrom(...inboxActions),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('all'), action: fc.constantFrom(...actions), filter, behind: fc.nat(40) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('undo'), pick: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('seen'), behind: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('create'), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore'), picks: fc.array(fc.nat(), { maxLength: 3 }) }) },
);

/** The figures of an inbox, counted from its rows. */
async function recount(recipient: string) {
  const rows = await db.query<Notification>({
    text: 'select * from notifications where recipient_id = $1',
    values: [recipient],
  });
  const [inbox] = await db.query<{ seen_version: number }>({
    text: 'select seen_version from inboxes where recipient_id = $1',
    values: [recipient],
  });
  const count = (isCounted: (row: Notification) => boolean) => rows.filter(isCounted).length;
  return {
    unread: count(({ status, read_at }) => status === 'inbox' && read_at === null),
    total: count(({ status }) => status === 'inbox'),
    figures: {
      unseen: count((row) => !isSeen(row, inbox?.seen_version ?? 0)),
      saved: count(({ saved_at }) => saved_at !== null),
      snoozed: count((row) => stateOf(row) === 'snoozed'),
    },
  };
}

describe('bulk actions and undos', () => {
  it('after 200 random actions and undos, all figures equal a recount, and a follower has every row', async () => {
    const recipient = await aUser(db, 'admin');
    const context = contextFor(db, userViewer(recipient, 'admin'));
    const follower = followerOf(db, [recipient]);
    const keys: number[] = [];
    const operations: string[] = [];
    const keysAt = (picks: readonly number[]) => picks.flatMap((pick) => keys[pick % Math.max(keys.length, 1)] ?? []);
    const version = async () => (await inboxOf(db, recipient))?.version ?? 0;
    let undone = 0;
    const create = async (count: number) => {
      const rows = await createNotifications(
        context,
        Array.from({ length: count }, () => aNotification(recipient)),
      );
      keys.push(...rows.map(({ id }) => id));
    };
    await create(30);

    const steps = fc.sample(step, { numRuns: 200, seed: 20_261_130 });
    for (const one of steps) {
      if (one.kind === 'create') await create(one.count);
      else if (one.kind === 'seen') await markInboxSeen(context, (await version()) - one.behind);
      else if (one.kind === 'restore') await updateNotifications(context, keysAt(one.picks), { status: 'inbox' });
      else if (one.kind === 'undo') {
        const [id] = operations.splice(-1 - (one.pick % Math.max(operations.length, 1)), 1);
        if (id === undefined) continue;
        const undo = await undoInboxOperation(context, id);
        undone += undo.changed;
        if (undo.undoableUntil !== null) operations.push(undo.id);
      } else {
        const until = one.action === 'snooze' ? '2026-12-24T08:00:00.000Z' : undefined;
        const chosen =
          one.kind === 'ids'
            ? { ids: keysAt(one.picks).map(String) }
            : { filter: one.filter, allUpTo: (await version()) - one.behind };
        const done = await changeInbox(context, { action: one.action, until, ...chosen });
        if (done.undoableUntil !== null) operations.push(done.id);
      }
      const { unread, total, figures } = await readInbox(context, ['id'], {}, ['unseen', 'saved', 'snoozed']);
      expect({ step: one, unread, total, figures }).toEqual({ step: one, ...(await recount(recipient)) });
      await follower.catchUp();
    }

    expect(undone).toBeGreaterThan(50);
    expect(await violations(db, [recipient])).toEqual([]);
    expect(await follower.differences()).toEqual([]);
  }, 120_000);
});
