import { beforeAll, describe, expect, it } from '@jest/globals';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { type Person, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers in titles are those of the checklist in tests/conformance; cases 31 and 37 to 41 are here. Case 40 is
// left out: it is about the users that Coder creates for itself, such as the owner of prebuilt workspaces, and there
// are no such users here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

interface Enqueued {
  readonly template_id: string;
  readonly created_by: string;
  readonly payload: { readonly labels: Readonly<Record<string, string>> };
}

/** The messages enqueued for a person, one row per message: those of the inbox method. */
async function enqueuedFor({ id }: Person): Promise<readonly Enqueued[]> {
  const rows = await app().db.query<Enqueued>({
    text: `select template_id, created_by, content as payload from deliveries join payloads on payloads.id = payload_id
           where user_id = $1 and method = $2`,
    values: [id, 'inbox'],
  });
  return rows;
}

const post = (path: string, as: Person, body?: unknown) =>
  send(app(), `/api/v2${path}`, { as, method: 'POST', ...(body !== undefined && { body }) });

describe('dispatch methods', () => {
  it('the dispatch methods are smtp and webhook, with smtp as the default (31)', async () => {
    const { client } = await aMember(app());

    expect(await client.getNotificationDispatchMethods()).toEqual({
      available: ['smtp', 'webhook'],
      default: 'smtp',
    });
  });

  describe('in a service that sends to a webhook', () => {
    const other = useTestApp({ NOTIFICATIONS_METHOD: 'webhook', WEBHOOK_ENDPOINT: 'http://127.0.0.1:9/hook' });

    it('a service configured for webhooks has webhook as the default method (31)', async () => {
      expect(await adminClient(other()).getNotificationDispatchMethods()).toEqual({
        available: ['smtp', 'webhook'],
        default: 'webhook',
      });
    });
  });
});

describe('the test notification', () => {
  it('each request for a test notification enqueues one for the admin who sent it (37)', async () => {
    const { admin } = app().people;

    await adminClient(app()).postTestNotification();
    const first = await enqueuedFor(admin);
    await adminClient(app()).postTestNotification();
    const second = await enqueuedFor(admin);

    expect(first).toMatchObject([{ template_id: templates.testNotification, created_by: 'send-test-notification' }]);
    expect(second).toHaveLength(2);
  });

  it('a test notification is refused to members (38)', async () => {
    const { person } = await aMember(app());

    const reply = await post('/notifications/test', person);

    expect(reply).toMatchObject({ status: 403, body: { message: 'Forbidden.' } });
    expect(await enqueuedFor(person)).toEqual([]);
  });

  it('a test notification that the admin has disabled is refused with that reason', async () => {
    const client = adminClient(app());
    await client.putUserNotificationPreferences('me', { [templates.testNotification]: true });

    const call = client.postTestNotification();

    await expect(call).rejects.toMatchObject({
      status: 500,
      message: expect.stringContaining('Failed to send test notification'),
      detail: 'notification is not enabled',
    });
    await client.putUserNotificationPreferences('me', { [templates.testNotification]: false });
  });
});

describe('a custom notification', () => {
  it.each([
    ['a blank title and message (39)', { content: { title: ' ', message: '\n' } }],
    ['no title', { content: { message: 'words' } }],
    ['no message', { content: { title: 'words', message: null } }],
    ['no content', {}],
    ['a title that is too long', { content: { title: 'ü'.repeat(61), message: 'words' } }],
    ['a message that is too long', { content: { title: 'words', message: 'x'.repeat(2001) } }],
  ])('a custom notification with %s is refused', async (_what, body) => {
    const { person } = await aMember(app());

    const reply = await post('/notifications/custom', person, body);

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ message: 'Invalid request body', detail: expect.any(String) });
    expect(await enqueuedFor(person)).toEqual([]);
  });

  it('a custom notification is sent to the member who wrote it, with two labels (41)', async () => {
    const { client, person } = await aMember(app());

    await client.postCustomNotification({ title: 'Build', message: 'It is *done*.' });

    expect(await enqueuedFor(person)).toMatchObject([{ template_id: templates.custom, created_by: person.id }]);
    expect((await enqueuedFor(person))[0]?.payload.labels).toEqual({
      custom_title: 'Build',
      custom_message: 'It is *done*.',
    });
  });

  it('a custom notification with the same text is enqueued once a minute, and its repeats are refused with that reason', async () => {
    const { client, person } = await aMember(app());
    const words = { title: 'Build', message: 'Again.' };

    const calls = await Promise.allSettled([1, 2, 3].map(() => client.postCustomNotification(words)));

    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason] : []));
    // A minute may have ended meanwhile.
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject({ status: 500, detail: 'duplicate notification' });
    expect(await enqueuedFor(person)).toHaveLength(3 - refused.length);
  });

  it('a custom notification is refused to a member who disabled custom notifications', async () => {
    const { client, person } = await aMember(app());
    await client.putUserNotificationPreferences('me', { [templates.custom]: true });

    const call = client.postCustomNotification({ title: 'Build', message: 'Done.' });

    await expect(call).rejects.toMatchObject({ status: 500, detail: 'notification is not enabled' });
    expect(await enqueuedFor(person)).toEqual([]);
  });

  it('a custom notification of exactly the maximum length is accepted', async () => {
    const { client } = await aMember(app());

    await client.postCustomNotification({ title: 'x'.repeat(120), message: 'x'.repeat(2000) });
  });

  it('a custom notification with too large a body is answered 413', async () => {
    const reply = await post('/notifications/custom', app().people.alice, `"${'x'.repeat(1024 * 1024)}"`);

    expect(reply).toMatchObject({ status: 413, body: { message: 'Request body is too large.' } });
  });

  it('a custom notification that is not JSON is refused', async () => {
    expect(await post('/notifications/custom', app().people.alice, '{')).toMatchObject({ status: 400 });
    expect(await post('/notifications/custom', app().people.alice, '')).toMatchObject({ body: { detail: 'EOF' } });
  });
});
