import { describe, expect, it } from '@jest/globals';
import type { VersionRange } from '../../src/notifications/ranges.ts';
import {
  createNotifications,
  deleteNotifications,
  markAllRead,
  setReadStatus,
  updateNotifications,
} from '../../src/notifications/write.ts';
import { eventFor, readEvents, type WriteEvent } from '../../src/notifications/write-events.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { deleteUsers } from '../../src/users/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { aNotification, type People, people } from './people.ts';

const { db } = await onTestDatabase();

/** Alice has two notifications and Bob has one; `published` is empty. */
async function aStage() {
  const users = await people(db);
  const { admin, ids } = users;
  const rows = await createNotifications(admin, [
    aNotification(ids.alice, { sender: ids.bob }),
    aNotification(ids.alice),
    aNotification(ids.bob),
  ]);
  const [first, second, bobs] = rows;
  if (!first || !second || !bobs) throw new Error('not created');
  const created = users.published.splice(0)[0] ?? [];
  return { ...users, first, second, bobs, created };
}

const lastOf = ({ published }: People): VersionRange[] => published.at(-1) ?? [];

/** The events each viewer sees, in short: kind and key. */
function seenBy({ admin, alice, bob, anonymous }: People, changes: readonly WriteEvent[]) {
  const short = (context: People['admin']) =>
    changes.flatMap((change) => {
      const visible = eventFor(context.viewer, change);
      if (visible === null) return [];
      return `${visible.kind} ${visible.kind === 'delete' ? visible.id : visible.notification.id}`;
    });
  return { admin: short(admin), alice: short(alice), bob: short(bob), anonymous: short(anonymous) };
}

describe('readEvents', () => {
  it('readEvents returns the rows that one write created, in order within each inbox', async () => {
    const story = await aStage();
    const { first, second, bobs, created, ids } = story;

    const changes = await readEvents(servicePrisma(db), created);

    const ofAlice = changes.filter(
      (change) => 'notification' in change && change.notification.recipient_id === ids.alice,
    );
    expect(ofAlice).toEqual([
      { kind: 'create', notification: first, isMove: false },
      { kind: 'create', notification: second, isMove: false },
    ]);
    expect(seenBy(story, changes)).toMatchObject({
      alice: [`create ${first.id}`, `create ${second.id}`],
      bob: [`create ${bobs.id}`],
      anonymous: [],
    });
    expect(seenBy(story, changes).admin.toSorted()).toEqual(
      [first, second, bobs].map(({ id }) => `create ${id}`).toSorted(),
    );
  });

  it('readEvents returns updates and deletes to viewers who may see the inbox', async () => {
    const story = await aStage();
    const { admin, alice, first, second } = story;

    const { notification } = await setReadStatus(alice, first.id, true);
    const updates = await readEvents(servicePrisma(db), lastOf(story));
    await deleteNotifications(admin, [second.id]);
    const deletes = await readEvents(servicePrisma(db), lastOf(story));

    expect(updates).toEqual([{ kind: 'update', notification }]);
    expect(seenBy(story, updates)).toEqual({
      admin: [`update ${first.id}`],
      alice: [`update ${first.id}`],
      bob: [],
      anonymous: [],
    });
    expect(seenBy(story, deletes)).toEqual({
      admin: [`delete ${second.id}`],
      alice: [`delete ${second.id}`],
      bob: [],
      anonymous: [],
    });
  });

  it('readEvents returns a create even if a later write changed the row before it was read', async () => {
    const { alice, first, created } = await aStage();
    const { notification } = await setReadStatus(alice, first.id, true);

    const changes = await readEvents(servicePrisma(db), created);

    expect(changes[0]).toEqual({ kind: 'create', notification, isMove: false });
    expect(changes).toHaveLength(3);
  });

  it('readEvents returns an update with the current row even if a later write changed it again', async () => {
    const story = await aStage();
    await setReadStatus(story.alice, story.first.id, true);
    const earlier = lastOf(story);
    const { notification } = await setReadStatus(story.alice, story.first.id, false);

    expect(await readEvents(servicePrisma(db), earlier)).toEqual([{ kind: 'update', notification }]);
    expect(await readEvents(servicePrisma(db), lastOf(story))).toEqual([{ kind: 'update', notification }]);
  });

  it('readEvents returns nothing for earlier writes to a deleted row, only the delete', async () => {
    const story = await aStage();
    await setReadStatus(story.alice, story.first.id, true);
    const earlier = lastOf(story);
    await deleteNotifications(story.admin, [story.first.id]);

    expect(await readEvents(servicePrisma(db), earlier)).toEqual([]);
    expect(seenBy(story, await readEvents(servicePrisma(db), lastOf(story))).alice).toEqual([
      `delete ${story.first.id}`,
    ]);
  });

  it('readEvents returns every row of a bulk update and of marking all read', async () => {
    const story = await aStage();
    await updateNotifications(story.admin, [story.first.id, story.second.id, story.bobs.id], { subject: 'New' });
    const update = lastOf(story);
    await markAllRead(story.alice);

    expect(seenBy(story, await readEvents(servicePrisma(db), update))).toMatchObject({
      alice: [`update ${story.first.id}`, `update ${story.second.id}`],
      bob: [`update ${story.bobs.id}`],
    });
    expect(seenBy(story, await readEvents(servicePrisma(db), lastOf(story))).alice).toEqual([
      `update ${story.first.id}`,
      `update ${story.second.id}`,
    ]);
  });

  it('readEvents returns to admins the deletes that come with a deleted user', async () => {
    const story = await aStage();
    await deleteUsers(story.admin, [story.ids.alice]);

    expect(seenBy(story, await readEvents(servicePrisma(db), lastOf(story))).admin).toEqual([
      `delete ${story.first.id}`,
      `delete ${story.second.id}`,
    ]);
  });

  it('readEvents returns a delete to admins even if its inbox was deleted with its owner before reading', async () => {
    const story = await aStage();
    await deleteNotifications(story.admin, [story.second.id]);
    const earlier = lastOf(story);
    await deleteUsers(story.admin, [story.ids.alice]);

    expect(seenBy(story, await readEvents(servicePrisma(db), earlier)).admin).toEqual([`delete ${story.second.id}`]);
    expect(seenBy(story, await readEvents(servicePrisma(db), lastOf(story))).admin).toEqual([
      `delete ${story.first.id}`,
    ]);
  });

  it('readEvents returns a move as delete, create or update, depending on the viewer', async () => {
    const story = await aStage();
    const { admin, first, ids } = story;
    await updateNotifications(admin, [first.id], { recipient: ids.bob });

    const changes = await readEvents(servicePrisma(db), lastOf(story));

    expect(seenBy(story, changes)).toEqual({
      admin: [`update ${first.id}`],
      alice: [`delete ${first.id}`],
      bob: [`create ${first.id}`],
      anonymous: [],
    });
  });

  it('readEvents returns a move as an update even if the former inbox was deleted with its owner before reading', async () => {
    const story = await aStage();
    const { admin, ids, first } = story;
    await updateNotifications(admin, [first.id], { recipient: ids.bob });
    const ranges = lastOf(story);
    await deleteUsers(admin, [ids.alice]);

    const seen = seenBy(story, await readEvents(servicePrisma(db), ranges));

    expect(seen).toMatchObject({ admin: [`update ${first.id}`], bob: [`create ${first.id}`] });
  });

  it('readEvents returns no delete to an admin for a notification moved twice', async () => {
    const story = await aStage();
    const { admin, first, ids } = story;
    await updateNotifications(admin, [first.id], { recipient: ids.bob });
    const earlier = lastOf(story);
    await updateNotifications(admin, [first.id], { recipient: ids.admin });

    expect(seenBy(story, await readEvents(servicePrisma(db), earlier))).toMatchObject({
      admin: [],
      alice: [`delete ${first.id}`],
    });
    expect(seenBy(story, await readEvents(servicePrisma(db), lastOf(story)))).toMatchObject({
      admin: [`update ${first.id}`],
      bob: [`delete ${first.id}`],
    });
  });

  it('readEvents returns one delete to an admin for a notification that was moved and deleted before the move was read', async () => {
    const story = await aStage();
    const { admin, first, ids } = story;
    await updateNotifications(admin, [first.id], { recipient: ids.bob });
    const move = lastOf(story);
    await deleteNotifications(admin, [first.id]);

    expect(seenBy(story, await readEvents(servicePrisma(db), move))).toMatchObject({
      admin: [],
      alice: [`delete ${first.id}`],
      bob: [],
    });
    expect(seenBy(story, await readEvents(servicePrisma(db), lastOf(story)))).toMatchObject({
      admin: [`delete ${first.id}`],
      bob: [`delete ${first.id}`],
    });
  });

  it('readEvents returns one delete to an admin for a notification whose new recipient was deleted before the move was read', async () => {
    const story = await aStage();
    const { admin, first, ids } = story;
    await updateNotifications(admin, [first.id], { recipient: ids.bob });
    const move = lastOf(story);
    await deleteUsers(admin, [ids.bob]);

    const deletes = seenBy(story, await readEvents(servicePrisma(db), lastOf(story))).admin;

    expect(seenBy(story, await readEvents(servicePrisma(db), move)).admin).toEqual([]);
    expect(deletes.filter((event) => event === `delete ${first.id}`)).toHaveLength(1);
  });

  it('readEvents returns the row of a notification that moved away and back only for the write that moved it back', async () => {
    const story = await aStage();
    const { admin, first, ids } = story;
    await updateNotifications(admin, [first.id], { recipient: ids.bob });
    const away = lastOf(story);
    await updateNotifications(admin, [first.id], { recipient: ids.alice });
    const back = lastOf(story);

    // Writes of two nodes may arrive in reverse order: the last event must still be correct.
    const events = [...(await readEvents(servicePrisma(db), back)), ...(await readEvents(servicePrisma(db), away))];

    expect(seenBy(story, events)).toMatchObject({
      admin: [`update ${first.id}`],
      alice: [`create ${first.id}`],
      bob: [`delete ${first.id}`],
    });
  });

  it('readEvents returns an update that clears a deleted sender', async () => {
    const story = await aStage();
    await deleteUsers(story.admin, [story.ids.bob]);

    const changes = await readEvents(servicePrisma(db), lastOf(story));

    expect(changes).toMatchObject([
      { kind: 'update', notification: { id: story.first.id, sender_id: null } },
      { kind: 'delete', id: story.bobs.id },
    ]);
  });

  it('readEvents runs no query for a write without ranges', async () => {
    expect(await readEvents(servicePrisma(db), [])).toEqual([]);
  });
});
