import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pino from 'pino';
import { minimumKey, schemaGeneration } from '../../src/database/compatibility.ts';
import { readConfig } from '../../src/read-config.ts';
import { type App, start } from '../../src/start.ts';
import { testDatabase } from '../support/database.ts';

const { db, url, drop } = await testDatabase();
let app: App;
beforeAll(async () => {
  const config = readConfig({
    DATABASE_URL: url,
    PORT: '0',
    HOST: '127.0.0.1',
    DRAIN_MS: '0',
    ADMIN_TOKEN: 'admin-token-0123456789',
  });
  app = await start(config, { log: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await app.stop();
  await drop();
});

const ask = (path: string) =>
  fetch(app.address + path, { headers: { authorization: 'Bearer admin-token-0123456789' } });

/** The body of `/readyz`, as soon as it has this status. */
async function readiness(status: number): Promise<object> {
  for (;;) {
    const answer = await ask('/readyz');
    const body = (await answer.json()) as object;
    if (answer.status === status) return body;
  }
}

it('a node whose version is no longer admitted reports it and does nothing until it is admitted again', async () => {
  expect((await ask('/notifications')).status).toBe(200);
  await db.query({
    text: `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('1', '', '2999_newer', now())`,
    values: [],
  });
  await db.query({
    text: 'insert into settings (key, value) values ($1, $2)',
    values: [minimumKey, JSON.stringify({ generation: schemaGeneration + 1, migration: '2999_newer' })],
  });

  expect(await readiness(503)).toMatchObject({ reason: expect.stringContaining('2999_newer') });
  await untilStatus('/notifications', 503);
  await db.query({ text: 'delete from settings where key = $1', values: [minimumKey] });
  await readiness(200);

  await untilStatus('/notifications', 200);
});

/** Resolves when the path answers with this status. */
async function untilStatus(path: string, status: number): Promise<void> {
  while ((await ask(path)).status !== status);
}
