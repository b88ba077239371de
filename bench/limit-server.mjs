// The limit of the machine: the service's own SQL, prepared, on a pool of the same size, behind `node:http`
// without routes, tokens, checks or a schema.
import { createServer } from 'node:http';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { valueTypes } from '../dist/database/values.js';
import { pageNames, pageStatement, readStatement, reads } from './lists.mjs';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_POOL_SIZE),
  options: '-c timezone=UTC -c datestyle=ISO',
  types: valueTypes,
});
/** GraphQL returns keys as text, which is the form in which `pg` receives them. */
const textKeys = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? (text) => text : valueTypes.getTypeParser(oid, format),
};

const statements = new Map(Object.keys(reads).map((name) => [name, readStatement(name)]));

/** Far above the versions that the service assigns. */
let version = 2 ** 40;

const insertOne = `
  insert into notifications
    (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, created_version, version)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
  returning id`;

const insertMany = `
  insert into notifications
    (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, created_version, version)
  select *, version from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[],
    $7::text[], $8::text[], $9::text[], $10::bigint[])
    as row (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, version)
  returning id`;

async function read(name, dialect, member) {
  const { text, valuesFor } = statements.get(name);
  const { rows } = await pool.query({
    // Like the service, a search uses no prepared statement, because the plan depends on the searched text.
    ...(!('search' in reads[name].args) && { name: `${name}-${dialect}` }),
    text,
    values: valuesFor(member),
    ...(dialect === 'graphql' && { types: textKeys }),
  });
  if (name === 'count') return { data: { notifications_aggregated: [{ countAll: Number(rows[0].m0) }] } };
  return { data: dialect === 'graphql' ? { notifications: rows } : rows };
}

const page = pageStatement();

async function readPage(member) {
  const { text, valuesFor } = page;
  const { rows } = await pool.query({ name: 'inbox-page', text, values: valuesFor(member), types: textKeys });
  const [{ inbox_unread, inbox_unseen, inbox_total, inbox_saved, inbox_snoozed }] = rows;
  const inbox = {
    notifications: rows
      .filter((row) => row.is_row)
      .map((row) => Object.fromEntries(pageNames.map((name) => [name, row[name]]))),
    unread_count: inbox_unread,
    unseen_count: Number(inbox_unseen),
    total_count: inbox_total,
    saved_count: Number(inbox_saved),
    snoozed_count: Number(inbox_snoozed),
  };
  return { data: { inbox } };
}

async function create(body, dialect) {
  const rows = (Array.isArray(body) ? body : [body]).map((item) => ({
    id: 0,
    timestamp: new Date().toISOString(),
    status: 'inbox',
    ...item,
  }));
  const { rows: keys } = await (Array.isArray(body) ? storeMany(rows) : storeOne(rows[0]));
  if (dialect === 'graphql') {
    const ids = keys.map(({ id }) => ({ id: String(id) }));
    return { data: Array.isArray(body) ? { create_notifications_items: ids } : { create_notifications_item: ids[0] } };
  }
  keys.forEach(({ id }, index) => {
    rows[index].id = id;
  });
  return { data: Array.isArray(body) ? rows : rows[0] };
}

function storeOne({ timestamp, status, recipient, sender, subject, message, collection, item }) {
  const values = [uuid(), recipient, sender, status, timestamp, subject, message, collection, item, version++];
  return pool.query({ name: 'insert-one', text: insertOne, values });
}

function storeMany(rows) {
  const column = (name) => rows.map((row) => row[name]);
  return pool.query({
    name: 'insert-many',
    text: insertMany,
    values: [
      rows.map(() => uuid()),
      column('recipient'),
      column('sender'),
      column('status'),
      column('timestamp'),
      column('subject'),
      column('message'),
      column('collection'),
      column('item'),
      rows.map(() => version++),
    ],
  });
}

const server = createServer((request, response) => {
  const [, action, dialect, member] = request.url.split('/');
  const answer = (body) => {
    const text = JSON.stringify(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  const fail = (error) => {
    response.writeHead(500).end(String(error));
  };
  if (request.method === 'GET') {
    const reading = action === 'inbox-page' ? readPage(member) : read(action, dialect, member);
    reading.then(answer, fail);
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => create(JSON.parse(Buffer.concat(chunks).toString()), dialect).then(answer, fail));
});

/** Inserts without HTTP, with the same concurrency and duration as a load. */
async function insertPlainly({ bodies, connections, seconds }) {
  const times = [];
  const before = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const writer = async (offset) => {
    for (let index = offset; performance.now() < end; index += connections) {
      const began = performance.now();
      await create(bodies[index % bodies.length], 'graphql');
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, offset) => writer(offset)));
  const { user, system } = process.cpuUsage(before);
  const elapsed = (performance.now() - start) / 1000;
  return { times, elapsed, cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss() };
}

process.on('message', async (message) => {
  if (message.bodies) process.send({ kind: 'answer', ...(await insertPlainly(message)) });
});
process.on('SIGTERM', () => process.exit(0));

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
