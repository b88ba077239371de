import { afterEach, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import type { Database, Sql } from '../../src/database/database.ts';
import { endExpiredLeases, leaseMessages } from '../../src/dispatch/lease.ts';
import { toMessage } from '../../src/dispatch/message.ts';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import { createRenderer } from '../../src/dispatch/rendered-cache.ts';
import { settle } from '../../src/dispatch/settle.ts';
import type { Notification } from '../../src/notifications/model.ts';
import { deleteNotifications } from '../../src/notifications/write.ts';
import { inboxOf } from '../notifications/people.ts';
import { aStage, baseUrl, type Stage, short, templates } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const now = new Date('2026-11-22T10:00:00.123Z');
const render = createRenderer();
const helpers = { baseUrl, appName: 'Tidings', logoUrl: '', now };

/** Leases what there is for inboxes, as a node would. */
async function lease(periodMs = 60_000) {
  const { id, rows } = await leaseMessages(stage.db, { method: 'inbox', count: 1000, notifier: 'node', periodMs });
  return { id, messages: rows.map((row) => toMessage(row, render, helpers)) };
}

const inbox = (db: Database = stage.db) => createInbox({ db, bus: stage.admin.bus, now: () => now });

const notifications = () =>
  stage.db.query<Notification>({ text: 'select * from notifications order by id', values: [] });

describe('the inbox', () => {
  it('holds what was sent, under the id of the delivery, and tells of it (62)', async () => {
    stage = await aStage();
    const target = uuid();
    const { ids } = await stage.enqueue({ targets: [target] });
    const { id, messages } = await lease();

    const rest = await inbox().deliverMany(messages, id);

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

  it('counts many for one person and one for many', async () => {
    stage = await aStage();
    const carol = await stage.aRecipient();
    for (let place = 0; place < 5; place++) await stage.enqueue({ recipients: [stage.bobby.id, carol.id] });
    await stage.enqueue();
    const { id, messages } = await lease();

    await inbox().deliverMany(messages, id);

    expect(await inboxOf(stage.db, stage.bobby.id)).toEqual({ version: 6, unread: 6, total: 6 });
    expect(await inboxOf(stage.db, carol.id)).toEqual({ version: 5, unread: 5, total: 5 });
    expect(stage.published).toEqual(
      expect.arrayContaining([
        { recipient: stage.bobby.id, from: 0, to: 6 },
        { recipient: carol.id, from: 0, to: 5 },
      ]),
    );
  });

  it('stores nothing for a lease that is lost, so nobody gets it twice', async () => {
    stage = await aStage();
    await stage.enqueue();
    const lost = await lease(0);
    await endExpiredLeases(stage.db, 3);
    const next = await lease();

    const ofLost = await inbox().deliverMany(lost.messages, lost.id);
    const afterLost = await notifications();
    await inbox().deliverMany(next.messages, next.id);
    await inbox().deliverMany(next.messages, next.id);

    expect([...ofLost.values()]).toEqual([{ kind: 'sent' }]);
    expect(afterLost).toEqual([]);
    expect(await notifications()).toHaveLength(1);
    expect(await inboxOf(stage.db, stage.bobby.id)).toEqual({ version: 1, unread: 1, total: 1 });
  });

  it('keeps its lease for as long as it stores, however late that is', async () => {
    stage = await aStage();
    await stage.enqueue();
    const { id, messages } = await lease(0);
    const during: number[] = [];
    const slow: Database = {
      ...stage.db,
      query: <Row>(sql: Sql) =>
        stage.db.transaction(async (transaction) => {
          const rows = await transaction.query<Row>(sql);
          during.push((await endExpiredLeases(stage.db, 3)).ended);
          return rows;
        }),
    };

    await inbox(slow).deliverMany(messages, id);
    const after = await endExpiredLeases(stage.db, 3);

    expect([during, after.ended]).toEqual([[0], 1]);
    expect(await notifications()).toHaveLength(1);
    expect((await lease()).messages).toEqual([]);
  });

  it('keeps right counts when two nodes deliver to the same people at once', async () => {
    stage = await aStage();
    const others = await Promise.all(Array.from({ length: 20 }, async () => (await stage.aRecipient()).id));
    for (let place = 0; place < 6; place++) await stage.enqueue({ recipients: [stage.bobby.id, ...others] });
    const leases = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const leased = await leaseMessages(stage.db, { method: 'inbox', count: 40, notifier: 'n', periodMs: 60_000 });
        return { id: leased.id, messages: leased.rows.map((row) => toMessage(row, render, helpers)) };
      }),
    );

    await Promise.all(leases.map(({ id, messages }) => inbox().deliverMany(messages, id)));

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

  it('does not lose a batch to one row that cannot be stored', async () => {
    stage = await aStage();
    await stage.enqueue();
    await stage.enqueue();
    await stage.enqueue();
    const { id, messages } = await lease();
    const faulty = messages.map((message, place) =>
      place === 1 ? { ...message, content: { ...message.content, bodyMarkdown: 'x\0' } } : message,
    );

    const rest = await inbox().deliverMany(faulty, id);

    expect([...rest]).toEqual([[messages[1]?.id, { kind: 'fail', reason: expect.stringContaining('invalid byte') }]]);
    expect(await notifications()).toHaveLength(2);
  });

  it('has nothing to do for somebody who was deleted meanwhile', async () => {
    stage = await aStage();
    await stage.enqueue();
    const { id, messages } = await lease();
    await stage.db.query({ text: 'delete from users where id = $1', values: [stage.bobby.id] });

    const rest = await inbox().deliverMany(messages, id);

    const [outcome] = rest.values();
    expect(outcome).toEqual({ kind: 'sent' });
    expect(
      await settle(stage.db, [{ id: messages[0]?.id ?? '', lease: { id }, verdict: { status: 'sent' } }]),
    ).toMatchObject({ stored: 0 });
    expect(await stage.log()).toEqual([]);
  });

  it('cuts a long title by characters, and takes keys that callers gave', async () => {
    stage = await aStage();
    await stage.enqueue({
      template: templates.custom,
      labels: { custom_title: '😀'.repeat(300), custom_message: 'x' },
    });
    const { id, messages } = await lease();
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

    await inbox().deliverMany(messages, id);

    const rows = await notifications();
    expect(rows.map(({ subject }) => [...subject].length).toSorted()).toEqual([255, 5].toSorted());
  });

  it('shows, after its notification is deleted, that it was sent', async () => {
    stage = await aStage();
    await stage.enqueue();
    const { id, messages } = await lease();
    await inbox().deliverMany(messages, id);
    const [row] = await notifications();

    await deleteNotifications(stage.admin, [row?.id ?? 0]);

    expect(short(await stage.log())).toEqual(['inbox sent']);
  });
});
