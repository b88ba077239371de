import { expect, it, jest } from '@jest/globals';
import type { Database } from '../../src/database/database.ts';
import { violations } from '../notifications/follower.ts';
import { aDoomedNode, type DoomedNode, eventually, heldSubject } from './killed-midway.ts';
import type { Follower } from './live-follower.ts';
import type { LiveNode } from './live-node.ts';
import { ask, dataOf } from './live-requests.ts';
import { compare, followAll, noFaults } from './live-stage.ts';

jest.setTimeout(300_000);

/** Notifications of each recipient that the timers change. */
const perInbox = 25;
const recipients = 4;
const later = '2999-01-01T00:00:00.000Z';
const moments = ['before its commit', 'between its commit and its answer'] as const;

const create = `mutation ($data: [create_directus_notifications_input!]) {
  create_notifications_items(data: $data) { id } }`;
const change = 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { id changed } }';
const undo = 'mutation ($id: ID!) { undo_inbox_operation(id: $id) { changed } }';
const seen = 'mutation { mark_inbox_seen { unseen_count } }';
const page = `query ($filter: inbox_filter) {
  inbox(filter: $filter, limit: 1000) { unread_count total_count unseen_count saved_count snoozed_count
  notifications { id subject read_at timestamp state } } }`;
const figures = (counts: object) => ({
  unread_count: 0,
  total_count: 0,
  unseen_count: 0,
  saved_count: 0,
  snoozed_count: 0,
  ...counts,
});

/** Makes all snoozes end, and everything expire that ever does, now. */
const makeDue = (db: Database) =>
  db.query({
    text: `update notifications
           set snoozed_until = case when snoozed_until is not null then now() end,
               expires_at = case when expires_at is not null then now() end
           where snoozed_until is not null or expires_at is not null`,
    values: [],
  });
const areNoneDue = (db: Database) => async () =>
  (
    await db.query({
      text: 'select from notifications where snoozed_until is not null or expires_at is not null',
      values: [],
    })
  ).length === 0;

/** Creates notifications in every inbox; one of the last inbox can hold a transaction. Returns their keys by inbox. */
async function fill({ url, ids }: DoomedNode, items: readonly object[], held: number): Promise<string[][]> {
  return Promise.all(
    ids.map(async (recipient, inbox) => {
      const data = items.map((item, index) => ({
        recipient,
        subject: inbox === ids.length - 1 && index === held ? heldSubject : `Number ${index}`,
        ...item,
      }));
      const created = await dataOf(ask(url, create, { data }));
      return (created.create_notifications_items as { id: string }[]).map(({ id }) => `${id}`);
    }),
  );
}

async function killDuring({ db, killInTransaction, killAfterCommit }: DoomedNode, moment: (typeof moments)[number]) {
  if (moment === 'before its commit') return killInTransaction(() => makeDue(db));
  return killAfterCommit(() => makeDue(db), areNoneDue(db));
}

/** Waits until the other node has ended a snooze of another recipient: whatever else is due, it has changed by then. */
async function waitForRound({ db }: DoomedNode, { url }: LiveNode): Promise<void> {
  await eventually('the other node has changed what is due', areNoneDue(db));
  const admin = await dataOf(ask(url, '{ users_me { id } }'));
  const created = await dataOf(ask(url, create, { data: [{ recipient: admin.users_me.id, subject: 'Later' }] }));
  const ids = [created.create_notifications_items[0].id];
  await dataOf(ask(url, change, { data: { ids, action: 'snooze', until: later } }));
  await makeDue(db);
  await eventually('the other node has ended another snooze', areNoneDue(db));
}

/** What a follower received about these notifications, such as `created 12`, sorted. */
const eventsOf = ({ events }: Follower, keys: readonly string[]) =>
  events.filter((event) => keys.includes(event.split(' ')[1] ?? '')).sort();
const each = (kind: string, keys: readonly string[]) => keys.map((key) => `${kind} ${key}`).sort();

async function versionsOf(db: Database, ids: readonly string[]): Promise<number[]> {
  const rows = await db.query<{ version: number }>({
    text: 'select version from unnest($1::uuid[]) with ordinality as given (id, place) join inboxes on recipient_id = id order by place',
    values: [ids],
  });
  return rows.map(({ version }) => version);
}

it.each(moments)('a node that ends snoozes is killed %s: each notification returns once', async (moment) => {
  const doomed = await aDoomedNode(recipients);
  const { db, databaseUrl, url, some, ids } = doomed;
  const keys = await fill(
    doomed,
    Array.from({ length: perInbox + 1 }, () => ({})),
    0,
  );
  const snoozed = keys.map((own) => own.slice(0, perInbox));
  for (const [index, { token }] of some.entries()) {
    await dataOf(ask(url, change, { data: { ids: keys[index], action: 'read' } }, token));
    await dataOf(ask(url, change, { data: { ids: snoozed[index], action: 'snooze', until: later } }, token));
    await dataOf(ask(url, seen, {}, token));
  }
  const before = await versionsOf(db, ids);
  const followers = await followAll(some, 2, [url]);

  const other = await killDuring(doomed, moment);
  await waitForRound(doomed, other);

  expect(await versionsOf(db, ids)).toEqual(before.map((version) => version + perInbox));
  for (const [index, { token }] of some.entries()) {
    const { notifications, ...counts } = (await dataOf(ask(other.url, page, {}, token))).inbox;
    const [own = [], stayed] = [snoozed[index], keys[index]?.at(-1)];
    expect(counts).toEqual(figures({ unread_count: perInbox, unseen_count: perInbox, total_count: perInbox + 1 }));
    expect(notifications.map((row: { id: string }) => `${row.id}`)).toEqual([...own].reverse().concat(stayed ?? ''));
    expect(notifications.slice(0, -1).map((row: { read_at: unknown }) => row.read_at)).toEqual(own.map(() => null));
  }
  expect(await violations(db, ids)).toEqual([]);
  expect(await compare({ databaseUrl, url: other.url }, followers)).toEqual(noFaults);
  for (const follower of followers) {
    const own = snoozed[ids.indexOf(follower.person.id)] ?? [];
    expect(eventsOf(follower, own)).toEqual(each('created', own));
  }
});

it.each(moments)('a node that expires notifications is killed %s: each is archived or deleted once', async (moment) => {
  const doomed = await aDoomedNode(recipients, {
    // Nothing accepts the mails, so they wait for the next attempt.
    SMTP_URL: 'smtp://127.0.0.1:1',
    EMAIL_FROM: 'no-reply@example.com',
    RETRY_INTERVAL_MS: '3600000',
  });
  const { db, databaseUrl, url, some, ids } = doomed;
  await db.query({ text: `update users set email = id || '@example.com' where id = any ($1)`, values: [ids] });
  const items = Array.from({ length: perInbox }, (_, index) => ({
    expires_at: later,
    on_expiry: index % 2 === 0 ? 'archive' : 'delete',
  }));
  // The deletions come first, so the held one is in the middle of the transaction.
  const keys = await fill(doomed, [...items, {}], 0);
  const expiring = keys.map((own) => own.slice(0, perInbox));
  const deliveries = () =>
    db.query<{
      readonly status: string;
      readonly reason: string | null;
      readonly queued: boolean;
      readonly number: number;
    }>({
      text: `select status, case when status = 'inhibited' then status_reason end as reason,
                    exists (select from queued_deliveries where delivery_id = id) as queued, count(*)::int as number
             from deliveries where user_id = any ($1) group by 1, 2, 3 order by status`,
      values: [ids],
    });
  const waiting = { status: 'temporary_failure', reason: null, queued: true };
  await eventually('every mail was refused once', async () => {
    const [first, ...others] = await deliveries();
    return others.length === 0 && first?.status === waiting.status && first.queued;
  });
  const before = await versionsOf(db, ids);
  const followers = await followAll(some, 2, [url]);

  const other = await killDuring(doomed, moment);
  await waitForRound(doomed, other);

  expect(await versionsOf(db, ids)).toEqual(before.map((version) => version + perInbox));
  const everything = { filter: { states: ['inbox', 'snoozed', 'archived'] } };
  for (const [index, { token }] of some.entries()) {
    const { notifications, ...counts } = (await dataOf(ask(other.url, page, everything, token))).inbox;
    const [own = [], stayed] = [expiring[index], keys[index]?.at(-1)];
    const archived = own.filter((_, place) => place % 2 === 0);
    expect(counts).toEqual(figures({ unread_count: 1, unseen_count: 1, total_count: 1 }));
    expect(new Set(notifications.map((row: { id: string; state: string }) => `${row.state} ${row.id}`))).toEqual(
      new Set([`inbox ${stayed}`, ...archived.map((key) => `archived ${key}`)]),
    );
  }
  expect(await deliveries()).toEqual([
    { status: 'inhibited', reason: 'expired', queued: false, number: recipients * perInbox },
    { ...waiting, number: recipients },
  ]);
  expect(await violations(db, ids)).toEqual([]);
  expect(await compare({ databaseUrl, url: other.url }, followers)).toEqual(noFaults);
  for (const follower of followers) {
    const own = expiring[ids.indexOf(follower.person.id)] ?? [];
    expect(eventsOf(follower, own)).toEqual(each('deleted', own));
  }
});

it('a node is killed between the commit of an undo and its answer: the repetition on another node changes nothing', async () => {
  const doomed = await aDoomedNode(1);
  const { db, databaseUrl, url, some, ids } = doomed;
  const [{ token } = { token: '' }] = some;
  const [keys = []] = await fill(
    doomed,
    Array.from({ length: perInbox }, () => ({})),
    0,
  );
  const { change_inbox: operation } = await dataOf(ask(url, change, { data: { ids: keys, action: 'archive' } }, token));
  const [before = 0] = await versionsOf(db, ids);
  const followers = await followAll(some, 2, [url]);
  const repetitions = () =>
    db.query({ text: 'select from inbox_operations where undoes = $1', values: [operation.id] });
  let answer: ReturnType<typeof ask> | undefined;

  const other = await doomed.killAfterCommit(
    async () => {
      answer = ask(url, undo, { id: operation.id }, token);
    },
    async () => (await repetitions()).length > 0,
  );
  const repeated = await ask(other.url, undo, { id: operation.id }, token);

  expect(operation.changed).toBe(perInbox);
  expect(await answer).toEqual({ kind: 'unanswered' });
  expect(repeated).toEqual({ kind: 'refused', code: 'FORBIDDEN', message: expect.stringContaining('was undone') });
  expect(await repetitions()).toHaveLength(1);
  expect(await versionsOf(db, ids)).toEqual([before + perInbox]);
  const { notifications, ...counts } = (await dataOf(ask(other.url, page, {}, token))).inbox;
  expect(counts).toEqual(figures({ unread_count: perInbox, unseen_count: perInbox, total_count: perInbox }));
  expect(notifications.map((row: { id: string }) => `${row.id}`)).toEqual([...keys].reverse());
  expect(await violations(db, ids)).toEqual([]);
  expect(await compare({ databaseUrl, url: other.url }, followers)).toEqual(noFaults);
});
