import { v7 as uuid } from 'uuid';
import type { Person, TestApp } from '../../../support/app.ts';

/** Template ids of the reference, one of each group. */
export const templates = {
  workspaceDeleted: 'f517da0b-cdc9-410f-ab89-a86107c420ed',
  workspaceAutobuildFailed: '381df2a9-c0c0-4749-420f-80a9280c66f9',
  userAccountCreated: '4e19c0ac-94e1-4532-9515-d1801aa283b2',
  templateDeleted: '29a09665-2a4c-403f-9648-54301670e7be',
  testNotification: 'c425f63e-716a-4bf4-ae24-78348f706c3f',
  custom: '39b1e189-c857-4b0c-877a-511144c18516',
} as const;

/** The fields of an inbox item that tests set. */
export interface Item {
  readonly title?: string;
  readonly content?: string;
  readonly template?: string;
  readonly targets?: readonly string[];
  readonly icon?: string;
  readonly createdAt?: Date;
  readonly status?: 'inbox' | 'archived';
}

/** Stores one item in an inbox, as a delivery does, and publishes it; returns its UUID. */
export async function deliver({ db, contextOf }: TestApp, recipient: Person, item: Item = {}): Promise<string> {
  const { title = 'Title', content = 'Content', template = null, targets = [], icon = '', status = 'inbox' } = item;
  const { createdAt = new Date() } = item;
  const [stored] = await db.query<{ uuid: string; version: number }>({
    text: `
      with touched as (
        insert into inboxes as inbox (recipient_id, version, unread, total)
        values ($2::uuid, 1, ($9 = 'inbox')::int, ($9 = 'inbox')::int)
        on conflict (recipient_id) do update
        set version = inbox.version + 1, unread = inbox.unread + excluded.unread, total = inbox.total + excluded.total
        returning version
      )
      insert into notifications (uuid, recipient_id, subject, message, template_id, targets, icon, timestamp, status,
                                 created_version, version)
      select $1::uuid, $2::uuid, $3, $4, $5::uuid, $6::uuid[], $7, $8::timestamptz, $9::text, version, version
      from touched returning uuid, version`,
    values: [uuid(), recipient.id, title, content, template, targets, icon, createdAt.toISOString(), status],
  });
  if (stored === undefined) throw new Error('the item was not stored');
  const range = { recipient: recipient.id, from: stored.version - 1, to: stored.version };
  contextOf(recipient).bus.publish([range]);
  return stored.uuid;
}

/** Stores items in an inbox, one second apart, the last one newest; returns their UUIDs, newest first. */
export async function deliverMany(
  app: TestApp,
  recipient: Person,
  count: number,
  itemAt: (index: number) => Item = () => ({}),
): Promise<string[]> {
  const start = Date.now() - count * 1000;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const createdAt = new Date(start + index * 1000);
    ids.unshift(await deliver(app, recipient, { createdAt, ...itemAt(index) }));
  }
  return ids;
}
