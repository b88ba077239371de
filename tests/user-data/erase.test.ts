import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { userViewer } from '../../src/auth/viewer.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { beginErasure } from '../../src/user-data/begin-erasure.ts';
import { eraseBatches } from '../../src/user-data/erase-batches.ts';
import { eraseUser } from '../../src/user-data/erase-user.ts';
import { resumeErasures } from '../../src/user-data/resume-erasures.ts';
import { aNotification, aUser, contextFor, failureOf, inboxOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';
import { aFullUser, marker } from './a-full-user.ts';
import { decisions, words } from './decisions.ts';

const { db } = await onTestDatabase({ poolSize: 10 });

/** The columns of all tables in which a text occurs, as `table.column`. */
async function columnsWith(text: string): Promise<string[]> {
  const found = await Promise.all(
    Object.keys(decisions).map(async (table) => {
      const rows = await db.query<{ key: string }>({
        text: `
          select distinct each.key from ${table} as one cross join lateral jsonb_each_text(to_jsonb(one)) as each
          where each.value ilike '%' || $1 || '%'`,
        values: [text],
      });
      return rows.map(({ key }) => `${table}.${key}`);
    }),
  );
  return found.flat().sort();
}

const entriesOf = (user: string) =>
  db.prisma.auditEntry.findMany({
    where: { user_id: user },
    select: { actor: true, action: true },
    orderBy: { id: 'asc' },
  });

/** The row of an erasure is made by the erasure itself. */
const unfilled = ['user_erasures.user_id'];

/** Inserts many notifications in one statement, as one write does. */
const fill = (recipient: string, sender: string | null, count: number) =>
  db.query({
    text: `
      with inbox as (
        insert into inboxes (recipient_id, version, unread, total) values ($1, $3::int, $3::int, $3::int)
        on conflict (recipient_id) do update
        set version = inboxes.version + $3::int, unread = inboxes.unread + $3::int, total = inboxes.total + $3::int
        returning version - $3::int as base
      )
      insert into notifications (uuid, recipient_id, sender_id, subject, created_version, version)
      select gen_random_uuid(), $1, $2::uuid, 'Number ' || step, base + step, base + step
      from inbox, generate_series(1, $3::int) as step`,
    values: [recipient, sender, count],
  });

describe('eraseUser', () => {
  it('leaves nothing of the user in any column of any table but what decisions.ts says', async () => {
    const { user, other } = await aFullUser(db);
    const owned = Object.entries(decisions).flatMap(([table, { leftOut }]) =>
      words(leftOut.owner).map((column) => `${table}.${column}`),
    );
    const kept = Object.entries(decisions).flatMap(([table, { keepsIdIn }]) =>
      words(keepsIdIn).map((column) => `${table}.${column}`),
    );
    const requests = contextFor(db, userViewer(other, 'admin'));
    // A column that is not here is of a table that `aFullUser` does not fill.
    expect(await columnsWith(user)).toEqual(
      expect.arrayContaining(owned.filter((column) => !unfilled.includes(column))),
    );

    expect(await eraseUser(requests, user)).toEqual({ id: user, completed: true });

    expect(await columnsWith(marker)).toEqual([]);
    const left = await columnsWith(user);
    expect(left.filter((column) => !kept.includes(column))).toEqual([]);
    expect(await db.prisma.delivery.count({ where: { user_id: other } })).toBe(1);
    expect(await db.prisma.payload.count()).toBe(1);
    expect(await entriesOf(user)).toEqual([
      { actor: other, action: 'export_user' },
      { actor: other, action: 'erase_user' },
      { actor: other, action: 'user_erased' },
    ]);
  });

  it('keeps what the user sent, without a sender and with a version, and tells followers', async () => {
    const { admin, bob, ids, published } = await people(db);
    const [kept] = await createNotifications(admin, [
      aNotification(ids.alice, { sender: ids.bob }),
      aNotification(ids.bob, { sender: ids.alice }),
    ]);
    published.length = 0;

    expect(await eraseUser(bob, 'me')).toEqual({ id: ids.bob, completed: true });

    expect(await db.prisma.notification.findMany({ where: { recipient_id: ids.alice } })).toMatchObject([
      { id: BigInt(kept?.id ?? 0), sender_id: null, version: 2n },
    ]);
    expect(await inboxOf(db, ids.alice)).toMatchObject({ version: 2, unread: 1, total: 1 });
    expect(published.flat()).toEqual([
      { recipient: ids.bob, from: 1, to: 2, deleted: [expect.any(Number)] },
      { recipient: ids.alice, from: 1, to: 2, updated: [kept?.id] },
      { recipient: ids.bob, from: 2, to: 2, deleted: [] },
    ]);
  });

  it('may be repeated, and a user who never was is refused', async () => {
    const { admin, ids } = await people(db);
    await eraseUser(admin, ids.bob);

    expect(await eraseUser(admin, ids.bob)).toEqual({ id: ids.bob, completed: true });
    expect(await failureOf(eraseUser(admin, uuid()))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await entriesOf(ids.bob)).toHaveLength(2);
  });

  it('refuses members other users, and limited tokens users with more rights', async () => {
    const { alice, ids } = await people(db);
    const admin = await aUser(db, 'admin');
    const credential = { kind: 'access_token', id: null, scopes: ['users'], expires_at: null } as const;
    const limited = contextFor(db, userViewer(ids.admin, 'admin', credential));

    const inboxOnly = contextFor(db, userViewer(ids.bob, 'member', { ...credential, scopes: ['inbox'] }));

    expect(await failureOf(eraseUser(alice, ids.bob))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(eraseUser(inboxOnly, 'me'))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(eraseUser(limited, admin))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await eraseUser(limited, ids.bob)).toMatchObject({ completed: true });
  });

  it('refuses the last active admin, and changes nothing', async () => {
    const { admin, ids } = await people(db);
    await db.query({ text: `update users set role = 'member' where id <> $1`, values: [ids.admin] });
    const before = await db.prisma.user.findUnique({ where: { id: ids.admin } });

    expect(await failureOf(eraseUser(admin, 'me'))).toEqual({
      code: 'FORBIDDEN',
      reason: expect.stringContaining('last active admin'),
    });

    expect(await db.prisma.user.findUnique({ where: { id: ids.admin } })).toEqual(before);
    expect(await entriesOf(ids.admin)).toEqual([]);
  });
});

describe('an erasure that is interrupted', () => {
  it('has erased who the user was, and another process erases the rest', async () => {
    const { user, other } = await aFullUser(db);
    const admin = contextFor(db, userViewer(other, 'admin'));

    await beginErasure(admin, user, userViewer(other, 'admin'));

    expect(await columnsWith(marker)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^(users|access_tokens|sessions|user_identities|choices)\./)]),
    );
    expect(await db.prisma.user.findUnique({ where: { id: user } })).toMatchObject({
      status: 'suspended',
      email: null,
    });
    const later = new Date(admin.now().getTime() + 60_000);
    await resumeErasures({ ...admin, now: () => later }, () => false);
    expect(await db.prisma.user.findUnique({ where: { id: user } })).toBeNull();
    expect(await columnsWith(marker)).toEqual([]);
    expect(await db.prisma.userErasure.count()).toBe(0);
  });

  it('erases big inboxes in batches, by several processes at a time, and counts stay right', async () => {
    const { admin, ids } = await people(db);
    await fill(ids.bob, ids.alice, 2500);
    await fill(ids.alice, ids.bob, 2500);
    await beginErasure(admin, ids.bob, userViewer(ids.admin, 'admin'));

    expect(await eraseBatches(admin, ids.bob, () => true)).toBe(false);
    expect(await inboxOf(db, ids.bob)).toMatchObject({ version: 3500, unread: 1500, total: 1500 });
    const both = await Promise.all([1, 2].map(() => eraseBatches(admin, ids.bob, () => false)));

    expect(both).toEqual([true, true]);
    expect(await db.prisma.user.findUnique({ where: { id: ids.bob } })).toBeNull();
    expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 2500, total: 2500 });
    expect(await db.prisma.notification.count({ where: { recipient_id: ids.alice, sender_id: null } })).toBe(2500);
    expect((await entriesOf(ids.bob)).map(({ action }) => action)).toEqual(['erase_user', 'user_erased']);
  });
});
