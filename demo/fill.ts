import { setTimeout as delay } from 'node:timers/promises';
import { type Ids, sendEntry, templateId } from './send-entry.ts';
import type { Run } from './service-client.ts';
import type { PastEntry } from './story/entry.ts';
import { admin, people } from './story/people.ts';
import { week } from './story/week.ts';

const createdTimeoutMs = 30_000;
const pollMs = 10;

/** The templates whose messages go to the webhook instead of the mail server. */
const byWebhook = ['User account created', 'Workspace Out Of Disk'];

const createUsers = `mutation ($data: [create_directus_users_input]) {
  create_users_items(data: $data, limit: -1) { id username }
}`;
const setMethod = `mutation ($id: ID!) { update_notification_template_method(id: $id, method: "webhook") { id } }`;
const created = `query ($after: GraphQLStringOrFloat) {
  notifications(filter: { id: { _gt: $after } }, sort: ["id"], limit: -1) { id }
}`;
const backdate = `mutation ($data: [update_directus_notifications_input]) {
  update_notifications_batch(data: $data, limit: 0) { id }
}`;

/** Creates the people and their notifications of the past week. Returns the ids of the people. */
export async function fill(run: Run, now: Date): Promise<Ids> {
  const { create_users_items: users } = await run<{ create_users_items: { id: string; username: string }[] }>(
    admin.token,
    createUsers,
    { data: people },
  );
  const ids = Object.fromEntries(users.map(({ id, username }) => [username, id])) as Ids;
  for (const name of byWebhook) await run(admin.token, setMethod, { id: templateId(name) });

  const sent: { readonly id: string; readonly entry: PastEntry }[] = [];
  // Sent one after another, so that later notifications have higher keys.
  for (const entry of week) {
    await sendEntry(run, ids, entry);
    const keys = await awaitCreated(run, { after: sent.at(-1)?.id ?? '0', count: entry.to.length });
    sent.push(...keys.map((id) => ({ id, entry })));
  }
  await setReadStatus(run, sent);
  const hour = 3_600_000;
  const data = sent.map(({ id, entry: { hoursAgo, state } }) => ({
    id,
    // A new notification always has the time of its creation; only an update can change it.
    timestamp: new Date(now.getTime() - hoursAgo * hour).toISOString(),
    status: state === 'archived' ? 'archived' : 'inbox',
  }));
  await run(admin.token, backdate, { data });
  return ids;
}

async function setReadStatus(run: Run, sent: readonly { readonly id: string; readonly entry: PastEntry }[]) {
  const fields = sent
    .filter(({ entry }) => entry.state !== 'unread')
    .map(({ id }) => `read_${id}: set_notification_read_status(id: ${id}, is_read: true) { key }`);
  await run(admin.token, `mutation { ${fields.join('\n')} }`);
}

/** Waits for the next `count` notifications: those of templates are created after the answer. Returns their keys. */
async function awaitCreated(run: Run, { after, count }: { readonly after: string; readonly count: number }) {
  const deadline = AbortSignal.timeout(createdTimeoutMs);
  for (;;) {
    const { notifications } = await run<{ notifications: { id: string }[] }>(admin.token, created, { after });
    if (notifications.length >= count) return notifications.map(({ id }) => id);
    await delay(pollMs, undefined, { signal: deadline });
  }
}
