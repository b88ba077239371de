// The bare insert of users behind `node:http`: without routes, tokens, checks, a schema or a look-up of existing users.
import { createServer } from 'node:http';
import pg from 'pg';
import { insertUsers } from './users-in-bulk.mjs';

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();

async function create(users) {
  const ids = await insertUsers(client, users);
  return ids.map((id, index) => ({ index, status: 'created', id, field: null, code: null, reason: null }));
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      const text = JSON.stringify({ data: await create(JSON.parse(Buffer.concat(chunks).toString())) });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ errors: String(error) }));
    }
  });
});
process.on('SIGTERM', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
