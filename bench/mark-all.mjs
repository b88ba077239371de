import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { print, table } from './report.mjs';
import { adminToken, members, memberToken, recipientId } from './seed.mjs';

/** Maximum wait of other writers to that inbox, in milliseconds. */
const longestWaitMs = 1000;
const pauseMs = 20;
/** The position of the member who owns the inbox. */
const index = members;

/**
 * One member marks a large inbox as read, while an admin creates notifications in it, one after the other.
 * @param {{ url: string, databaseUrl: string }} service
 * @param {number} rows number of unread notifications in the inbox
 */
export async function benchMarkAll({ url, databaseUrl }, rows) {
  process.stderr.write(`mark-all: ${rows} rows `);
  await fillInbox(databaseUrl, rows);
  process.stderr.write('...\n');
  const waits = [];
  let isOver = false;
  const others = (async () => {
    while (!isOver) {
      const begin = performance.now();
      await ask(
        url,
        adminToken,
        'mutation ($data: create_directus_notifications_input!) { create_notifications_item(data: $data) { id } }',
        {
          data: { recipient: recipientId(index), subject: 'Meanwhile' },
        },
      );
      waits.push(performance.now() - begin);
      await delay(pauseMs);
    }
  })();
  const begin = performance.now();
  await ask(url, memberToken(index), 'mutation { mark_all_notifications_as_read { unread_count } }');
  const tookMs = performance.now() - begin;
  isOver = true;
  await others;
  waits.sort((a, b) => a - b);
  const longest = waits.at(-1);
  table(
    ['marking all read', 's', 'rows/s', 'other writes to that inbox', 'p50 ms', 'longest ms', 'at most'],
    [
      [
        `${rows} unread`,
        (tookMs / 1000).toFixed(1),
        ((rows / tookMs) * 1000).toFixed(0),
        String(waits.length),
        waits[waits.length >> 1].toFixed(0),
        longest.toFixed(0),
        longest <= longestWaitMs ? String(longestWaitMs) : `**${longestWaitMs}**`,
      ],
    ],
  );
  print('');
}

async function ask(url, token, query, variables) {
  const answer = await fetch(`${url}/graphql/system`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Adds the rows and waits until their texts are copied, so that copying does not slow down the measurement. */
async function fillInbox(databaseUrl, rows) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: inboxes } = await client.query(
      `update inboxes set version = version + $2::int, unread = unread + $2::int, total = total + $2::int
       where recipient_id = $1 returning version - $2::int as base`,
      [recipientId(index), rows],
    );
    await client.query(
      `insert into notifications (uuid, recipient_id, subject, message, created_version, version)
       select gen_random_uuid(), $1, 'Ticket ' || n, 'Somebody mentioned you in ticket ' || n, $3::bigint + n, $3::bigint + n
       from generate_series(1, $2::int) n`,
      [recipientId(index), rows, inboxes[0].base],
    );
    while ((await client.query('select from notification_text_queue limit 1')).rows.length > 0) await delay(200);
    await client.query('vacuum (analyze) notifications');
  } finally {
    await client.end();
  }
}
