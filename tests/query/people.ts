import { type Role, userViewer, type Viewer } from '../../src/auth/viewer.ts';
import type { Limits } from '../../src/config.ts';
import type { Database } from '../../src/database/database.ts';
import { notificationsCollection } from '../../src/notifications/model.ts';
import type { QueryScope } from '../../src/query/list.ts';
import { usersCollection } from '../../src/users/model.ts';

export const alice = '0a11ce00-0000-4000-8000-000000000001';
export const bob = '0b0b0000-0000-4000-8000-000000000002';
export const carol = 'ca401000-0000-4000-8000-000000000003';

/** The users of the tests; carol has only empty fields. */
export const people = [
  {
    id: alice,
    email: 'alice@example.com',
    first_name: 'Alice',
    role: 'admin',
    last_access: '2024-02-29T23:59:59.500Z',
  },
  { id: bob, email: 'bob@example.com', first_name: 'b_b', role: 'member', last_access: null },
  { id: carol, email: null, first_name: null, role: 'member', last_access: null },
] as const;

export const limits: Limits = {
  queryDefault: 100,
  queryMax: undefined,
  batchMax: 10_000,
  recipientsMax: 100_000,
  relationalDepth: 10,
  payloadBytes: 1_000_000,
};

export const now = new Date('2026-01-31T12:00:00.000Z');

export function viewer(id: string, role: Role): Viewer {
  return userViewer(id, role);
}

/** The scope of notifications for alice, an admin. */
export function aScope(more: Partial<QueryScope> = {}): QueryScope {
  return {
    collection: notificationsCollection,
    users: usersCollection,
    viewer: viewer(alice, 'admin'),
    now,
    limits,
    ...more,
  };
}

/** The scope of notifications for bob, a member. */
export function aMemberScope(more: Partial<QueryScope> = {}): QueryScope {
  return aScope({ viewer: viewer(bob, 'member'), ...more });
}

/** The fields of a notification that a test sets. */
export interface Row {
  readonly id: number;
  readonly recipient: string;
  readonly sender: string | null;
  readonly timestamp: string | null;
  readonly status: string;
  readonly subject: string;
  readonly message: string | null;
  readonly collection: string | null;
  readonly item: string | null;
}

export function aRow(row: Partial<Row> & { readonly id: number }): Row {
  return {
    recipient: bob,
    sender: null,
    timestamp: '2026-01-01T00:00:00.000Z',
    status: 'inbox',
    subject: `Subject ${row.id}`,
    message: null,
    collection: null,
    item: null,
    ...row,
  };
}

export async function insertPeople(db: Database): Promise<void> {
  await db.query({
    text: `insert into users (id, email, first_name, role, last_access)
      select id, email, first_name, role, last_access from json_populate_recordset(null::users, $1)`,
    values: [JSON.stringify(people)],
  });
  await db.query({ text: 'insert into inboxes (recipient_id) select id from users', values: [] });
}

/** Replaces all rows. */
export async function replaceRows(db: Database, rows: readonly Row[]): Promise<void> {
  await db.query({ text: 'truncate notifications cascade', values: [] });
  const stored = rows.map(({ recipient, sender, ...row }) => ({ ...row, recipient_id: recipient, sender_id: sender }));
  await db.query({
    text: `insert into notifications
        (id, uuid, recipient_id, sender_id, timestamp, status, subject, message, collection, item, created_version, version)
      select id, gen_random_uuid(), recipient_id, sender_id, timestamp, status, subject, message, collection, item, id, id
      from json_populate_recordset(null::notifications, $1)`,
    values: [JSON.stringify(stored)],
  });
}
