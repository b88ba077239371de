import { beforeAll, describe, expect, it } from '@jest/globals';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { type Person, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers are those of the checklist of the reference's tests; cases 31 and 37 to 41 are here. Case 40 is left
// out: it is about the users that Coder makes for itself, such as the one that owns prebuilt workspaces, and there
// are no such users here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

interface Enqueued {
  readonly template_id: string;
  readonly created_by: string;
  readonly payload: { readonly labels: Readonly<Record<string, string>> };
}

/** What was enqueued for somebody, without its copies for other methods. */
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
  it('31 are smtp and webhook, and smtp is the default', async () => {
    const { client } = await aMember(app());

    expect(await client.getNotificationDispatchMethods()).toEqual({
      available: ['smtp', 'webhook'],
      default: 'smtp',
    });
  });

  describe('of a deployment that sends to a webhook', () => {
    const other = useTestApp({ NOTIFICATIONS_METHOD: 'webhook', WEBHOOK_ENDPOINT: 'http://127.0.0.1:9/hook' });

    it('31 have it as the default', async () => {
      expect(await adminClient(other()).getNotificationDispatchMethods()).toEqual({
        available: ['smtp', 'webhook'],
        default: 'webhook',
      });
    });
  });
});

describe('the test notification', () => {
  it('37 is enqueued once for the admin who asks for it, and again when asked again', async () => {
    const { admin } = app().people;

    await adminClient(app()).postTestNotification();
    const first = await enqueuedFor(admin);
    await adminClient(app()).postTestNotification();
    const second = await enqueuedFor(admin);

    expect(first).toMatchObject([{ template_id: templates.testNotification, created_by: 'send-test-notification' }]);
    expect(second).toHaveLength(2);
  });

  it('38 is not for members', async () => {
    const { person } = await aMember(app());

    const reply = await post('/notifications/test', person);

    expect(reply).toMatchObject({ status: 403, body: { message: 'Forbidden.' } });
    expect(await enqueuedFor(person)).toEqual([]);
  });

  it('says why when the admin has it disabled', async () => {
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
    ['39 blank words', { content: { title: ' ', message: '\n' } }],
    ['no title', { content: { message: 'words' } }],
    ['no message', { content: { title: 'words', message: null } }],
    ['no content', {}],
    ['a title that is too long', { content: { title: 'ü'.repeat(61), message: 'words' } }],
    ['a message that is too long', { content: { title: 'words', message: 'x'.repeat(2001) } }],
  ])('is refused for %s', async (_what, body) => {
    const { person } = await aMember(app());

    const reply = await post('/notifications/custom', person, body);

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ message: 'Invalid request body', detail: expect.any(String) });
    expect(await enqueuedFor(person)).toEqual([]);
  });

  it('41 goes from a member to the same member, with two labels', async () => {
    const { client, person } = await aMember(app());

    await client.postCustomNotification({ title: 'Build', message: 'It is *done*.' });

    expect(await enqueuedFor(person)).toMatchObject([{ template_id: templates.custom, created_by: person.id }]);
    expect((await enqueuedFor(person))[0]?.payload.labels).toEqual({
      custom_title: 'Build',
      custom_message: 'It is *done*.',
    });
  });

  it('goes once a minute in the same words, and says why it does not go again', async () => {
    const { client, person } = await aMember(app());
    const words = { title: 'Build', message: 'Again.' };

    const calls = await Promise.allSettled([1, 2, 3].map(() => client.postCustomNotification(words)));

    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason] : []));
    // A minute may have ended meanwhile.
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject({ status: 500, detail: 'duplicate notification' });
    expect(await enqueuedFor(person)).toHaveLength(3 - refused.length);
  });

  it('is refused to who switched such notifications off', async () => {
    const { client, person } = await aMember(app());
    await client.putUserNotificationPreferences('me', { [templates.custom]: true });

    const call = client.postCustomNotification({ title: 'Build', message: 'Done.' });

    await expect(call).rejects.toMatchObject({ status: 500, detail: 'notification is not enabled' });
    expect(await enqueuedFor(person)).toEqual([]);
  });

  it('may be as long as the limit', async () => {
    const { client } = await aMember(app());

    await client.postCustomNotification({ title: 'x'.repeat(120), message: 'x'.repeat(2000) });
  });

  it('is refused when the body is too large to read', async () => {
    const reply = await post('/notifications/custom', app().people.alice, `"${'x'.repeat(1024 * 1024)}"`);

    expect(reply).toMatchObject({ status: 413, body: { message: 'Request body is too large.' } });
  });

  it('is refused when it is no JSON', async () => {
    expect(await post('/notifications/custom', app().people.alice, '{')).toMatchObject({ status: 400 });
    expect(await post('/notifications/custom', app().people.alice, '')).toMatchObject({ body: { detail: 'EOF' } });
  });
});
