import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { joinedText } from '../dist/notifications/texts/sql/fragments.js';
import { stateKey } from '../dist/notifications/texts/state.js';

/** Number of users in the store. The notifications are divided evenly among the first of them. */
export const recipients = 10_000;
/** Notifications per inbox in stores of any size, so that lists are the same work in both. */
const perInbox = 100;
/** Number of members who have tokens and read their inboxes; they are the first users. */
export const members = 50;

export const adminToken = 'bench-admin-token-0123456789abcdef';

/** @param {number} number counted from 1 */
export function recipientId(number) {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** @param {number} number counted from 1 */
export function memberToken(number) {
  return `bench-member-token-${createHash('sha256').update(String(number)).digest('hex')}`;
}

/**
 * Fills a migrated database on which a service is already running, one statement per table. The rows of one inbox are
 * scattered over the table, as if many people had been notified over time.
 * @param {string} url
 * @param {number} rows
 */
export async function seed(url, rows) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Skips the check of two million references, which are valid by construction.
    await client.query('set session_replication_role = replica');
    await client.query(usersText, [recipients]);
    const numbers = Array.from({ length: members }, (_, index) => index + 1);
    await client.query(tokensText, [
      numbers.map(recipientId),
      numbers.map((number) => createHash('sha256').update(memberToken(number)).digest()),
    ]);
    const textsIndex = await takeTextsIndex(client);
    await client.query('begin');
    await client.query(notificationsText, [rows, rows / perInbox]);
    // The service would do this in the background.
    await client.query(`insert into notification_texts select id, ${joinedText('n')} from notifications n`);
    await client.query('delete from notification_text_queue');
    await client.query('commit');
    await client.query(textsIndex);
    await client.query(inboxesText);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

/**
 * Drops the index of texts and returns the statement that creates it again: indexing all rows at the end is faster than
 * adding each. The service creates the index after its start, and then begins to copy texts.
 */
async function takeTextsIndex(client) {
  for (;;) {
    const { rows } = await client.query(
      `select pg_get_indexdef(indexrelid) as text from pg_index
       where indexrelid = to_regclass('notification_texts_idx')
         and exists (select from settings where key = '${stateKey}' and (value ->> 'isComplete')::boolean)`,
    );
    if (rows[0] !== undefined) {
      await client.query('drop index notification_texts_idx');
      return rows[0].text;
    }
    await delay(20);
  }
}

/** The SQL for `recipientId(n)`. */
const idOf = (n) => `('00000000-0000-4000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

const usersText = `
  insert into users (id, email, first_name, last_name)
  select ${idOf('n')}, 'person' || n || '@example.com', 'Person', 'No. ' || n from generate_series(1, $1::int) n`;

const tokensText = `
  insert into access_tokens (id, user_id, sha256, name)
  select gen_random_uuid(), user_id, sha256, 'static' from unnest($1::uuid[], $2::bytea[]) as token (user_id, sha256)`;

// Every fifth notification is archived, every second is read; timestamps increase with the keys.
const notificationsText = `
  insert into notifications
    (uuid, recipient_id, sender_id, status, read_at, timestamp, subject, message, collection, item,
     created_version, version)
  select gen_random_uuid(), ${idOf('n % $2::int + 1')}, ${idOf('n % 97 + 1')},
         case when n % 5 = 0 then 'archived' else 'inbox' end,
         case when n % 2 = 0 then now() end,
         date_trunc('second', now()) - ($1::int - n) * interval '1 second',
         'You were mentioned in ticket ' || n,
         'Somebody mentioned you in a comment: "Could you have a look at this before Friday?" [Open](https://example.com/'
           || n || ')',
         'tickets', n::text, (n - 1) / $2::int + 1, (n - 1) / $2::int + 1
  from generate_series(1, $1::int) n`;

// In a small store most users have no notifications. They get an inbox here, because plain inserts do not create one.
const inboxesText = `
  insert into inboxes (recipient_id, version, unread, total)
  select users.id, coalesce(max(version), 1), count(*) filter (where row.status = 'inbox' and read_at is null),
         count(*) filter (where row.status = 'inbox')
  from users left join notifications as row on row.recipient_id = users.id
  where users.role = 'member'
  group by users.id`;
