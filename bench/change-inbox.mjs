import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { print, table } from './report.mjs';
import { members, memberToken, recipientId } from './seed.mjs';

const count = 10_000;
const warmUps = 1;
const rounds = 5;
/** A bulk action may take this many times as long as the bare update. */
const most = 1.5;
/** The position of the member who owns the inbox. */
const index = members;

const change = `mutation ($data: change_inbox_input!) { change_inbox(data: $data) { changed } }`;

/**
 * `change_inbox` marks 10,000 notifications of one inbox as read and as unread again; beside it, one set-based update by
 * bare `pg` that stores the same columns, versions and counts.
 * @param {{ url: string, databaseUrl: string }} service
 */
export async function benchChangeInbox({ url, databaseUrl }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const figures = new Map([
    ['bare update', []],
    ['change_inbox', []],
  ]);
  const measure = async (name, isKept, work) => {
    const begin = performance.now();
    const changed = await work();
    if (changed !== count) throw new Error(`${name} changed ${changed} of ${count}`);
    if (isKept) figures.get(name).push(performance.now() - begin);
  };
  try {
    await fillInbox(client);
    for (let round = 0; round < warmUps + rounds; round++) {
      const isKept = round >= warmUps;
      const turns = [
        async () => {
          await measure('bare update', isKept, () => bareUpdate(client, 'now()', -1));
          await measure('bare update', isKept, () => bareUpdate(client, 'null', 1));
        },
        async () => {
          await measure('change_inbox', isKept, () => act(url, 'read'));
          await measure('change_inbox', isKept, () => act(url, 'unread'));
        },
      ];
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
      await client.query('vacuum notifications');
    }
  } finally {
    await client.end();
  }
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const bare = median(figures.get('bare update'));
  const done = median(figures.get('change_inbox'));
  const times = (done / bare).toFixed(2);
  table(
    [`${count} rows of an inbox`, 'ms', 'times', 'at most'],
    [
      ['bare update', bare.toFixed(0), '', ''],
      ['change_inbox', done.toFixed(0), times, done <= most * bare ? String(most) : `**${most}**`],
    ],
  );
  print('');
}

/** Marks as the service does, without keeping anything for an undo. */
async function bareUpdate(client, time, unread) {
  await client.query('begin');
  await client.query('select from inboxes where recipient_id = $1 for no key update', [recipientId(index)]);
  const { rowCount } = await client.query(
    `with steps as materialized (
       select id, row_number() over (order by id) as position from notifications
       where recipient_id = $1 and read_at is ${time === 'null' ? 'not ' : ''}null and status = 'inbox'
     ), touched as (
       update inboxes set version = version + counted.steps, unread = unread + $2::int * counted.steps
       from (select count(*) as steps from steps) as counted
       where recipient_id = $1 returning version - counted.steps as base
     )
     update notifications n set read_at = ${time}, shown_version = 0, version = touched.base + steps.position
     from steps cross join touched where n.id = steps.id`,
    [recipientId(index), unread],
  );
  await client.query('commit');
  return rowCount;
}

async function act(url, action) {
  const headers = { authorization: `Bearer ${memberToken(index)}`, 'content-type': 'application/json' };
  const ask = async (query, variables) => {
    const answer = await fetch(`${url}/graphql/system`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const { inbox } = await ask('{ inbox(limit: 0) { cursor } }', {});
  const { change_inbox: done } = await ask(change, { data: { all_up_to: inbox.cursor, action } });
  return done.changed;
}

/** Adds the rows and waits until their texts are copied, so that copying does not slow down the measurement. */
async function fillInbox(client) {
  const recipient = recipientId(index);
  const { rows } = await client.query(
    `update inboxes set version = version + $2::int, unread = $2::int, total = $2::int
     where recipient_id = $1 returning version - $2::int as base`,
    [recipient, count],
  );
  await client.query(`update notifications set status = 'archived' where recipient_id = $1`, [recipient]);
  await client.query(
    `insert into notifications (uuid, recipient_id, subject, message, created_version, version)
     select gen_random_uuid(), $1, 'Ticket ' || n, 'Somebody mentioned you in ticket ' || n, $3::bigint + n, $3::bigint + n
     from generate_series(1, $2::int) n`,
    [recipient, count, rows[0].base],
  );
  while ((await client.query('select from notification_text_queue limit 1')).rows.length > 0) await delay(200);
  await client.query('vacuum (analyze) notifications');
}
