import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import { enqueue, sendNotification } from '../../src/dispatch/enqueue.ts';
import type { MethodName } from '../../src/dispatch/method-names.ts';
import type { Context } from '../notifications/people.ts';
import { failureOf } from '../notifications/people.ts';
import { adminWith, aStage, deliveriesOf, type Ids, type Stage, templates } from './stage.ts';

// The numbers in parentheses are cases of the checklist in tests/conformance/coder-checklist.test.ts.

let stage: Stage;
beforeAll(async () => {
  stage = await aStage({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
});
afterAll(() => stage.close());

const rowsOf = (ids: Ids) => deliveriesOf(stage.db, ids);

const disable = (user: string, template: string, disabled: boolean) =>
  stage.db.query({
    text: 'insert into preferences (user_id, template_id, disabled) values ($1, $2, $3)',
    values: [user, template, disabled],
  });

describe('sendNotification', () => {
  it('one complete delivery is stored for each recipient and method', async () => {
    const bobby = await stage.aRecipient({ firstName: 'Bobby', username: 'bob-by', email: 'b@example.com' });
    const target = uuid();

    const { ids, skipped } = await sendNotification(stage.admin, {
      template: templates.workspaceDormant.toUpperCase(),
      recipients: [bobby.id, bobby.id.toUpperCase()],
      labels: { name: 'dev', timeTilDormant: 3, reason: true },
      data: { deep: [1, { a: null }] },
      targets: [target],
    });

    expect(skipped).toEqual({ disabled: 0, duplicate: 0 });
    expect(ids).toEqual({ smtp: [expect.any(String)], inbox: [expect.any(String)] });
    const rows = await rowsOf(ids);
    expect(rows.map(({ method }) => method)).toEqual(['inbox', 'smtp']);
    expect(rows[0]).toMatchObject({
      created_by: stage.admin.viewer.kind === 'user' && stage.admin.viewer.id,
      user_id: bobby.id,
      targets: [target],
      payload: {
        _version: '1.2',
        notification_name: 'Workspace Marked as Dormant',
        notification_template_id: templates.workspaceDormant,
        labels: { name: 'dev', timeTilDormant: '3', reason: 'true' },
        data: { deep: [1, { a: null }] },
        targets: [target],
      },
    });
    expect(rows[1]?.payload).toEqual(rows[0]?.payload);
  });

  it('action links are rendered with labels and the base URL (58)', async () => {
    const { ids } = await stage.enqueue({
      template: templates.workspaceCreated,
      labels: { workspace: 'dev', template: 'go', version: '1', workspace_owner_username: 'bobby smith' },
      recipients: [await enabled(templates.workspaceCreated)],
    });

    const [row] = await rowsOf(ids);
    expect(JSON.stringify(row?.payload['actions'])).toContain('https://tidings.example.com/@bobby%20smith/dev');
  });

  it('the shared payload is stored once, and not again if every delivery is a duplicate', async () => {
    const message = {
      recipients: [stage.bobby.id, (await stage.aRecipient()).id],
      labels: { name: 'dev', reason: 'r', nonce: uuid() },
    };
    const payloads = () =>
      stage.db.query({
        text: `select from payloads where content -> 'labels' ->> 'nonce' = $1`,
        values: [message.labels.nonce],
      });

    const { ids } = await stage.enqueue(message);
    expect(ids.inbox).toHaveLength(2);
    expect(await payloads()).toHaveLength(1);

    expect((await stage.enqueue(message)).skipped.duplicate).toBe(4);
    expect(await payloads()).toHaveLength(1);
  });

  it('links that contain the user are rendered for each recipient', async () => {
    const first = await stage.aRecipient({ email: 'first+x@example.com' });
    const second = await stage.aRecipient({ email: 'second@example.com' });

    const { ids } = await stage.enqueue({
      template: templates.passcode,
      labels: { one_time_passcode: uuid() },
      recipients: [first.id, second.id],
    });

    const links = (await rowsOf(ids)).map(({ payload }) => JSON.stringify(payload['actions']));
    expect(links.toSorted()).toEqual([
      expect.stringContaining('email=first%2Bx%40example.com'),
      expect.stringContaining('email=second%40example.com'),
    ]);
  });

  it.each([
    [[], []],
    [['smtp'], ['smtp']],
    [['inbox'], ['inbox']],
    [
      ['smtp', 'inbox'],
      ['smtp', 'inbox'],
    ],
    [['webhook', 'inbox'], ['inbox']],
  ] satisfies [MethodName[], MethodName[]][])(
    'with %j configured and smtp as the default, deliveries by %j are stored (56)',
    async (configured, stored) => {
      const { ids } = await enqueue(adminWith(stage, configured), {
        template: templates.workspaceDeleted,
        recipients: [stage.bobby.id],
        labels: { name: 'dev', reason: 'r', nonce: uuid() },
      });

      expect(Object.keys(ids).toSorted()).toEqual(stored.toSorted());
    },
  );

  it('a one-time passcode is never sent to the inbox (57)', async () => {
    const send = (methods: MethodName[]) =>
      enqueue(adminWith(stage, methods), {
        template: templates.passcode,
        recipients: [stage.bobby.id],
        labels: { one_time_passcode: uuid() },
      });

    expect(Object.keys((await send(['smtp', 'inbox'])).ids)).toEqual(['smtp']);
    expect((await send(['inbox'])).ids).toEqual({});
  });

  it('a template that is off by default and not enabled by the recipient is refused (50)', async () => {
    const labels = { workspace: 'dev', template: 'go', version: '1' };
    expect(await failureOf(stage.enqueue({ template: templates.workspaceCreated, labels }))).toMatchObject({
      code: 'FAILED_VALIDATION',
      field: 'template',
      type: 'disabled',
    });
  });

  it('a template disabled by the only recipient is refused (51); among several recipients, those who disabled it are skipped', async () => {
    const reluctant = await stage.aRecipient();
    await disable(reluctant.id, templates.workspaceDeleted, true);

    const alone = failureOf(stage.enqueue({ recipients: [reluctant.id] }));
    const among = await stage.enqueue({ recipients: [reluctant.id, stage.bobby.id] });

    expect(await alone).toMatchObject({ code: 'FAILED_VALIDATION', type: 'disabled' });
    expect(among.skipped).toEqual({ disabled: 1, duplicate: 0 });
    expect(among.ids.inbox).toHaveLength(1);
  });

  it('the same message is refused on the same day (UTC) and accepted on the next (54)', async () => {
    const message = {
      template: templates.workspaceDeleted,
      recipients: [stage.bobby.id],
      labels: { name: 'once', reason: uuid() },
      data: { b: 1, a: 2 },
    };
    const at = (time: string): Context => ({ ...stage.admin, now: () => new Date(time) });
    await enqueue(at('2026-11-22T00:00:00Z'), message);

    const sameDay = failureOf(enqueue(at('2026-11-22T23:59:59.999Z'), { ...message, data: { a: 2, b: 1 } }));
    const other = await stage.aRecipient();
    const withOthers = await enqueue(at('2026-11-22T12:00:00Z'), {
      ...message,
      recipients: [stage.bobby.id, other.id],
    });
    const nextDay = await enqueue(at('2026-11-23T00:00:00Z'), message);

    expect(await sameDay).toMatchObject({ code: 'RECORD_NOT_UNIQUE', field: 'dedupe_hash' });
    expect(withOthers.skipped.duplicate).toBe(2);
    expect(withOthers.ids.inbox).toHaveLength(1);
    expect(nextDay.skipped.duplicate).toBe(0);
  });

  it('a duplicate is recognised on another node whose base URL differs', async () => {
    const message = {
      template: templates.workspaceDeleted,
      recipients: [stage.bobby.id],
      labels: { name: 'twice', reason: uuid(), initiator: 'Ada' },
      data: { list: [{ b: 1, a: 2 }] },
    };
    const at = (baseUrl: string): Context => ({ ...stage.admin, dispatch: { ...stage.admin.dispatch, baseUrl } });
    await enqueue(at('http://127.0.0.1:8055'), message);
    const { name, reason, initiator } = message.labels;
    const reordered = { ...message, labels: { initiator, reason, name }, data: { list: [{ a: 2, b: 1 }] } };

    const again = failureOf(enqueue(at('http://127.0.0.1:8056'), reordered));
    const other = await enqueue(at('http://127.0.0.1:8055'), {
      ...message,
      labels: { ...message.labels, name: 'other' },
    });

    expect(await again).toMatchObject({ code: 'RECORD_NOT_UNIQUE', field: 'dedupe_hash' });
    expect(other.skipped.duplicate).toBe(0);
  });

  it('an unknown recipient is named in the error, and nothing is stored', async () => {
    const unknown = uuid();
    const nonce = uuid();

    const failure = failureOf(
      stage.enqueue({ recipients: [stage.bobby.id, unknown], labels: { name: 'dev', reason: 'r', nonce } }),
    );

    expect(await failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'recipients', value: unknown });
    const stored = await stage.db.query({
      text: `select from payloads where content -> 'labels' ->> 'nonce' = $1`,
      values: [nonce],
    });
    expect(stored).toEqual([]);
  });

  it.each([
    ['template', { template: 'nope' }, 'FAILED_VALIDATION'],
    ['template', { template: uuid() }, 'INVALID_FOREIGN_KEY'],
    ['recipients', { recipients: ['nope'] }, 'FAILED_VALIDATION'],
    ['targets', { targets: ['nope'] }, 'FAILED_VALIDATION'],
    ['labels', { labels: [] }, 'FAILED_VALIDATION'],
    ['labels', { labels: { a: null } }, 'FAILED_VALIDATION'],
    ['labels', { labels: { a: {} } }, 'FAILED_VALIDATION'],
    ['labels', { labels: { a: 'x\0' } }, 'FAILED_VALIDATION'],
    ['labels', { labels: { '\ud800': 'x' } }, 'FAILED_VALIDATION'],
    ['data', { data: { a: ['x\0'] } }, 'FAILED_VALIDATION'],
    ['data', { data: { '\udfff': 1 } }, 'FAILED_VALIDATION'],
    ['data', { data: JSON.parse('['.repeat(5000) + ']'.repeat(5000)) }, 'FAILED_VALIDATION'],
  ])('refuses a faulty %s (%#)', async (field, more, code) => {
    expect(await failureOf(stage.enqueue(more))).toMatchObject({ code, field });
  });

  it('a member may not send a notification', async () => {
    const message = { template: templates.test, recipients: [stage.bobby.id] };

    expect(await failureOf(sendNotification(stage.contextOf(stage.bobby), message))).toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('more recipients than one message may have are refused', async () => {
    const limited = { ...stage.admin, limits: { ...stage.admin.limits, recipientsMax: 1 } };
    const message = { template: templates.test, recipients: [uuid(), uuid()] };

    expect(await failureOf(sendNotification(limited, message))).toMatchObject({ code: 'INVALID_PAYLOAD' });
  });

  it('enqueueing the same message several times concurrently stores it once for each recipient', async () => {
    const recipients = await Promise.all(Array.from({ length: 40 }, async () => (await stage.aRecipient()).id));
    const message = {
      template: templates.workspaceDeleted,
      recipients,
      labels: { name: 'dev', reason: 'r', nonce: uuid() },
    };

    const all = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        enqueue(stage.admin, { ...message, recipients: index % 2 === 0 ? recipients : recipients.toReversed() }),
      ),
    );

    const stored = all.reduce((sum, { ids }) => sum + (ids.inbox?.length ?? 0), 0);
    expect(stored).toBe(recipients.length);
  });
});

/** A user who has enabled a template that is off by default. */
async function enabled(template: string): Promise<string> {
  const { id } = await stage.aRecipient();
  await disable(id, template, false);
  return id;
}
