import { systemTemplates } from '../src/templates/system-templates.ts';
import type { Run } from './service-client.ts';
import type { Entry } from './story/entry.ts';
import { admin, people, type Username } from './story/people.ts';

/** The ids of the people, by username. */
export type Ids = Readonly<Record<Username, string>>;

const written = `mutation ($data: [create_directus_notifications_input]) {
  create_notifications_items(data: $data) { id }
}`;
const template = `mutation ($data: send_notification_input!) { send_notification(data: $data) { id } }`;
const reminder = `mutation ($title: String!, $message: String!) {
  send_custom_notification(title: $title, message: $message)
}`;

/** Sends one entry as an application would: a reminder with the person's own token, others with the admin's. */
export async function sendEntry(run: Run, ids: Ids, entry: Entry): Promise<void> {
  switch (entry.kind) {
    case 'written': {
      const { to, from, subject, message, about: [collection, item] = [] } = entry;
      const sender = from && ids[from];
      const data = to.map((name) => ({ recipient: ids[name], sender, subject, message, collection, item }));
      await run(admin.token, written, { data });
      return;
    }
    case 'template': {
      const { to, labels, data } = entry;
      const recipients = to.map((name) => ids[name]);
      await run(admin.token, template, {
        data: { template: templateId(entry.template), recipients, labels, data, dedupe: false },
      });
      return;
    }
    case 'reminder': {
      for (const { token } of people.filter(({ username }) => entry.to.includes(username as Username))) {
        await run(token, reminder, { title: entry.title, message: entry.message });
      }
    }
  }
}

export function templateId(name: string): string {
  const found = systemTemplates.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no template ${name}.`);
  return found.id;
}
