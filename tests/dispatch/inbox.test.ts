import { afterEach, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import type { Database } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import { expireLeases, leaseDeliveries } from '../../src/dispatch/lease.ts';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import { toMessage } from '../../src/dispatch/prepare-message.ts';
import { createRenderer } from '../../src/dispatch/renderer.ts';
import { settle } from '../../src/dispatch/settle.ts';
import type { Notification } from '../../src/notifications/model.ts';
import { deleteNotifications } from '../../src/notifications/write.ts';
import { inboxOf } from '../notifications/people.ts';
import { prismaOver } from '../support/prisma-over.ts';
import { aStage, baseUrl, type Stage, short, templates } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const now = new Date('2026-11-22T10:00:00.123Z');
const render = createRenderer();
const helpers = { baseUrl, appName: 'Tidings', logoUrl: '', now };

/** Leases all inbox deliveries, as a node would. */
async function lease(periodMs = 60_000) {
  const lease = await leaseDeliveries(stage.prisma, { method: 'inbox', count: 1000, notifier: 'node', periodMs });
  return { lease, id: lease.id, messages: lease.deliveries.map((row) => toMessage(row, render, helpers)) };
}

const inbox = (db: Database = stage.db) =>
  createInbox({ prisma: prismaOver(db), bus: stage.admin.bus, now: () => now });

const notifications = () =>
  stage.db.query<Notification>({ text: 'select * from notifications order by id', values: [] });

describe('the inbox', () => {
  it('a delivery becomes a notification with its id as uuid, and the change is published (62)', async () => {
    stage = await aStage();
    const target = uuid();
    const { ids } = await stage.enqueue({ targets: [target] });
    const { lease: held, messages } = await lease();

    const rest = await inbox().deliverMany(messages, held);

    expect(rest.size).toBe(0);
    const [row] = await notifications();
    expect(row).toMatchObject({
      uuid: ids.inbox?.[0],
      recipient_id: stage.bobby.id,
      sender_id: null,
      status: 'inbox',
      read_at: null,
      timestamp: now.toISOString(),
      subject: messages[0]?.content.titleMarkdown,
      message: messages[0]?.content.bodyMarkdown,
      template_id: templates.workspaceDeleted,
      targets: [target],
      icon: '',
      actions: messages[0]?.payload.actions,
      created_version: 1,
      version: 1,
    });
    expect(await inboxOf(stage.db, stage.bobby.id)).toEqual({ version: 1, unread: 1, total: 1 });
    expect(stage.published).toEqual([{ recipient: stage.bobby.id, from: 0, to: 1 }]);
    expect(short(await stage.log())).toEqual(['inbox sent']);
    const [link] = await stage.db.query({ text: 'select notification_id from deliveries', values: [] });
    expect(link).toEqual({ notification_id: row?.id });
  });

  it('the counters are right after several deliveries to each of two recipients', async () => {
    stage = await aStage();
    const carol = await stage.aRecipient();
    for (let index = 0; index < 5; index++) await stage.enqueue({ recipients: [stage.bobby.id, carol.id] });
    await stage.enqueue();
    const { lease: held, messages } = await lease();

    await inbox().deliverMany(messages, held);

    expect(await inboxOf(stage.db, stage.bobby.id)).toEqual({ version: 6, unread: 6, total: 6 });
    expect(await inboxOf(stage.db, carol.id)).toEqual({ version: 5, unread: 5, total: 5 });
    expect(stage.published).toEqual(
      expect.arrayContaining([
        { recipient: stage.bobby.id, from: 0, to: 6 },
        { recipient: carol.id, from: 0, to: 5 },
      ]),
    );
  });

  it('a delivery whose lease was lost is not stored, so no recipient gets it twice', async () => {
    stage = await aStage();
    await stage.enqueue();
    const lost = await lease(0);
    await expireLeases(stage.prisma, 3);
    const next = await lease();

    const ofLost = await inbox().deliverMany(lost.messages, lost.lease);
    const afterLost = await notifications();
    await inbox().deliverMany(next.messages, next.lease);
    await inbox().deliverMany(next.messages, next.lease);

    expect([...ofLost.values()]).toEqual([{ kind: 'sent' }]);
    expect(afterLost).toEqual([]);
    expect(await notifications()).toHaveLength(1);
    expect(await inboxOf(stage.db, stage.bobby.id)).toEqual({ version: 1, unread: 1, total: 1 });
  });

  it('a lease cannot expire while its deliveries are being stored', async () => {
    stage = await aStage();
    await stage.enqueue();
    const { lease: held, messages } = await lease(0);
    const during: number[] = [];
    const slow: Database = {
      ...stage.db,
      query: <Row>(sql: Sql) =>
        stage.db.transaction(async (transaction) => {
          const rows = await transaction.query<Row>(sql);
          during.push((await expireLeases(stage.prisma, 3)).ended);
          return rows;
        }),
    };

    await inbox(slow).deliverMany(messages, held);
    const after = await expireLeases(stage.prisma, 3);

    expect([during, after.ended]).toEqual([[0], 1]);
    expect(await notifications()).toHaveLength(1);
    expect((await lease()).messages).toEqual([]);
  });

  it('the counters are right when several leases are delivered to the same recipients concurrently', async () => {
    stage = await aStage();
    const others = await Promise.all(Array.from({ length: 20 }, async () => (await stage.aRecipient()).id));
    for (let index = 0; index < 6; index++) await stage.enqueue({ recipients: [stage.bobby.id, ...others] });
    const leases = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const leased = await leaseDeliveries(stage.prisma, {
          method: 'inbox',
          count: 40,
          notifier: 'n',
          periodMs: 60_000,
        });
        return { lease: leased, messages: leased.deliveries.map((row) => toMessage(row, render, helpers)) };
      }),
    );

    await Promise.all(leases.map(({ lease: held, messages }) => inbox().deliverMany(messages, held)));

    const wrong = await stage.db.query({
      text: `select recipient_id from inboxes
             join (select recipient_id, count(*) as rows, max(version) as last from notifications group by recipient_id)
               as counted using (recipient_id)
             where unread <> rows or total <> rows or version <> last`,
      values: [],
    });
    expect(wrong).toEqual([]);
    expect(await notifications()).toHaveLength(126);
  });

  it('one row that cannot be stored does not fail the rest of its batch', async () => {
    stage = await aStage();
    await stage.enqueue();
    await stage.enqueue();
    await stage.enqueue();
    const { lease: held, messages } = await lease();
    const faulty = messages.map((message, index) =>
      index === 1 ? { ...message, content: { ...message.content, bodyMarkdown: 'x\0' } } : message,
    );

    const rest = await inbox().deliverMany(faulty, held);

    expect([...rest]).toEqual([[messages[1]?.id, { kind: 'failed', reason: expect.stringContaining('invalid byte') }]]);
    expect(await notifications()).toHaveLength(2);
  });

  it('a locked inbox delays no other recipient, and its delivery is retried without counting an attempt', async () => {
    stage = await aStage();
    const others = await Promise.all(Array.from({ length: 20 }, async () => (await stage.aRecipient()).id));
    await stage.enqueue({ recipients: [stage.bobby.id, ...others] });
    const first = await lease();
    await inbox().deliverMany(first.messages, first.lease);
    const { ids } = await stage.enqueue({ recipients: [stage.bobby.id, ...others] });
    const { lease: held, messages } = await lease();

    const rest = await stage.db.transaction(async (transaction) => {
      await transaction.query({
        text: 'select from inboxes where recipient_id = $1 for update',
        values: [stage.bobby.id],
      });
      return inbox().deliverMany(messages, held);
    });

    const locked = messages.find(({ user }) => user.user_id === stage.bobby.id);
    expect([...rest]).toEqual([[locked?.id, { kind: 'untried', reason: 'the inbox is locked' }]]);
    expect(ids.inbox).toContain(locked?.id);
    expect(await notifications()).toHaveLength(21 + 20);
    expect(await inboxOf(stage.db, others[0] ?? '')).toEqual({ version: 2, unread: 2, total: 2 });
    expect(await inboxOf(stage.db, stage.bobby.id)).toEqual({ version: 1, unread: 1, total: 1 });
  });

  it('a batch does not wait for an inbox that another transaction is creating', async () => {
    stage = await aStage();
    const others = await Promise.all(Array.from({ length: 7 }, async () => (await stage.aRecipient()).id));
    await stage.enqueue({ recipients: [stage.bobby.id, ...others] });
    const { lease: held, messages } = await lease();

    const rest = await stage.db.transaction(async (transaction) => {
      await transaction.query({ text: 'insert into inboxes (recipient_id) values ($1)', values: [stage.bobby.id] });
      return inbox().deliverMany(messages, held);
    });

    expect([...rest.values()]).toEqual([{ kind: 'untried', reason: 'the database was not available' }]);
    expect(await notifications()).toHaveLength(7);
  });

  it('a batch that takes too long is split, and what is not stored before the lease expires counts no attempt', async () => {
    stage = await aStage();
    for (let index = 0; index < 4; index++) await stage.enqueue();
    const { lease: held, messages } = await lease();
    const sizes: number[] = [];
    const slow: Database = {
      ...stage.db,
      query: <Row>(sql: Sql) => {
        if (!sql.name?.startsWith('insert_delivered')) return stage.db.query<Row>(sql);
        const size = (sql.values[0] as readonly string[]).length;
        sizes.push(size);
        return size > 1
          ? stage.db.transaction(async (transaction) => {
              await transaction.query({ text: `set local statement_timeout = 1`, values: [] });
              return transaction.query<Row>({ text: 'select pg_sleep(10)', values: [] });
            })
          : stage.db.query<Row>(sql);
      },
    };

    const late = await inbox(slow).deliverMany(messages, { ...held, expiresAt: performance.now() });
    const inTime = await inbox(slow).deliverMany(messages, held);

    expect([...late.values()]).toEqual(messages.map(() => ({ kind: 'untried', reason: 'the database was too slow' })));
    expect(inTime.size).toBe(0);
    expect(sizes).toEqual([4, 4, 2, 1, 1, 2, 1, 1]);
    expect(await notifications()).toHaveLength(4);
  });

  it('no attempt is counted during a database outage', async () => {
    stage = await aStage();
    await stage.enqueue();
    await stage.enqueue();
    const { lease: held, messages } = await lease();
    const ended: Database = {
      ...stage.db,
      query: <Row>(sql: Sql) =>
        stage.db.transaction(async (transaction) => {
          await transaction.query<Row>(sql);
          return transaction.query<Row>({ text: 'select pg_terminate_backend(pg_backend_pid())', values: [] });
        }),
    };

    const rest = await inbox(ended).deliverMany(messages, held);

    expect([...rest.values()]).toEqual(
      messages.map(() => ({ kind: 'untried', reason: 'the database was not available' })),
    );
    expect(await notifications()).toEqual([]);
  });

  it('deliveries to a user deleted meanwhile are dropped', async () => {
    stage = await aStage();
    await stage.enqueue();
    const { lease: held, messages } = await lease();
    await stage.db.query({ text: 'delete from users where id = $1', values: [stage.bobby.id] });

    const rest = await inbox().deliverMany(messages, held);

    const [outcome] = rest.values();
    expect(outcome).toEqual({ kind: 'sent' });
    expect(
      await settle(stage.prisma, [{ id: messages[0]?.id ?? '', lease: held, newStatus: { status: 'sent' } }]),
    ).toMatchObject({ stored: 0 });
    expect(await stage.log()).toEqual([]);
  });

  it.each([
    ['snake_case_x', '**Done**: see [the log](https://ci.example/1)'],
    ['Use List<String> now', 'a < b & c'],
    [' 1. {{ user_name }} \\_ ', '  - indented\n\n{% if %}\n'],
    ['# *a*', '\\# b'],
  ])('a custom notification keeps its text unchanged: %s', async (custom_title, custom_message) => {
    stage = await aStage();
    await stage.enqueue({ template: templates.custom, labels: { custom_title, custom_message } });
    const { lease: held, messages } = await lease();

    await inbox().deliverMany(messages, held);

    expect(await notifications()).toMatchObject([{ subject: custom_title, message: custom_message }]);
  });

  it('a long title is cut without splitting a character, and ids that are already taken are skipped', async () => {
    stage = await aStage();
    await stage.enqueue({
      template: templates.custom,
      labels: { custom_title: '😀'.repeat(300), custom_message: 'x' },
    });
    const { lease: held, messages } = await lease();
    const [next] = await stage.db.query<{ id: number }>({
      text: `select nextval('notifications_id_seq') + 1 as id`,
      values: [],
    });
    await stage.db.query({
      text: `with one as (insert into inboxes values ($2, 1, 1, 1))
             insert into notifications (id, uuid, recipient_id, subject, created_version, version)
             values ($1, gen_random_uuid(), $2, 'given', 1, 1)`,
      values: [next?.id, stage.bobby.id],
    });

    await inbox().deliverMany(messages, held);

    const rows = await notifications();
    expect(rows.map(({ subject }) => [...subject].length).toSorted()).toEqual([255, 5].toSorted());
  });

  it('a delivery stays sent after its notification is deleted', async () => {
    stage = await aStage();
    await stage.enqueue();
    const { lease: held, messages } = await lease();
    await inbox().deliverMany(messages, held);
    const [row] = await notifications();

    await deleteNotifications(stage.admin, [row?.id ?? 0]);

    expect(short(await stage.log())).toEqual(['inbox sent']);
  });
});
