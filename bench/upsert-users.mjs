import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { table } from './report.mjs';
import { adminToken } from './seed.mjs';

const count = 10_000;
const rounds = 5;
/** An upsert may take this many times as long as the bare insert. */
const most = 1.5;

const insertText = `
  insert into users (id, external_id, email, username, first_name, last_name, language, timezone, created_at)
  select *, now() from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`;

/**
 * Upserts 10,000 users with one request: new ones, the same again, and the same with a change each; beside it, the bare
 * insert of 10,000 other users with one statement.
 * @param {{ url: string, databaseUrl: string }} service
 */
export async function benchUpsertUsers({ url, databaseUrl }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const times = { bare: [], created: [], unchanged: [], updated: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      // The first round warms up.
      const keep = (name, ms) => round > 0 && times[name].push(ms);
      const columns = columnsOf(usersOf(`bare-${round}`));
      keep('bare', await timed(() => client.query({ name: 'bare', text: insertText, values: columns })));
      const users = usersOf(`upserted-${round}`);
      keep('created', await timed(() => upsert(url, users, 'created')));
      keep('unchanged', await timed(() => upsert(url, users, 'unchanged')));
      const changed = users.map((user) => ({ ...user, last_name: `${user.last_name} II` }));
      keep('updated', await timed(() => upsert(url, changed, 'updated')));
      await client.query('delete from users where external_id is not null');
      await client.query('vacuum (analyze) users');
    }
  } finally {
    await client.end();
  }
  const bare = middle(times.bare);
  table(
    [`${count} users`, 'p50 ms', 'of the bare insert', 'at most'],
    Object.entries(times).map(([name, values]) => {
      const part = middle(values) / bare;
      const limit = name === 'created' ? (part <= most ? `${most}` : `**${most}**`) : '';
      return [name === 'bare' ? 'bare insert' : name, middle(values).toFixed(0), part.toFixed(2), limit];
    }),
  );
}

function usersOf(name) {
  return Array.from({ length: count }, (_, index) => ({
    external_id: `${name}-${index}`,
    email: `${name}-${index}@example.com`,
    username: `${name}-${index}`,
    first_name: 'Ada',
    last_name: `Number ${index}`,
    language: 'en-GB',
    timezone: 'Europe/Berlin',
  }));
}

function columnsOf(users) {
  return [users.map(() => randomUUID()), ...Object.keys(users[0]).map((field) => users.map((user) => user[field]))];
}

function middle(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function upsert(url, users, expected) {
  const answer = await fetch(`${url}/users`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(users),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  const other = data.find(({ status }) => status !== expected);
  if (other) throw new Error(`an entry should be ${expected}: ${JSON.stringify(other)}`);
}
