import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import type { Database } from '../../src/database/database.ts';
import { isPostmaster } from '../../src/database/embedded/postmaster.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { aReceiver } from '../dispatch/receiver.ts';
import { testDatabase } from '../support/database.ts';
import { aDataDir, postmasterOf } from '../support/embedded.ts';
import { somebodyWaits } from '../support/locks.ts';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';
import { type Service, startService } from './service.ts';

jest.setTimeout(120_000);

const clean = { code: 0, signal: null };
const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };

async function aDatabase() {
  const { db, url, drop } = await testDatabase();
  afterwards(drop);
  return { db, url };
}

async function post(url: string, path: string, body: object): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** A webhook receiver that never responds. */
async function aHangingReceiver() {
  const isAsked = promiseWithResolvers<void>();
  const receiver = await aReceiver(() => isAsked.resolve());
  afterwards(receiver.close);
  const environment = {
    NOTIFICATIONS_METHOD: 'webhook',
    WEBHOOK_ENDPOINT: receiver.url,
    INBOX_ENABLED: 'false',
  };
  return { environment, asked: isAsked.promise };
}

/** Makes the service send its admin a message by webhook. */
async function sendOne(service: Service): Promise<void> {
  const url = await service.url;
  const answer = await post(url, '/graphql/system', { query: 'mutation { send_test_notification }' });
  expect(await answer.json()).not.toHaveProperty('errors');
}

const stateOf = async (db: Database) => ({
  deliveries: await db.query({ text: 'select status, attempt_count from deliveries', values: [] }),
  queued: await db.query({ text: 'select method from queued_deliveries', values: [] }),
  leases: await db.query({ text: 'select id from delivery_leases', values: [] }),
});

const givenBack = {
  deliveries: [{ status: 'pending', attempt_count: 0 }],
  queued: [{ method: 'webhook' }],
  leases: [],
};

it('an attempt that is running when the stop times out is cancelled, and its delivery returns to the queue without counting it', async () => {
  const { db, url } = await aDatabase();
  const { environment, asked } = await aHangingReceiver();
  const service = startService({ ...environment, DATABASE_URL: url, DRAIN_MS: '0', STOP_TIMEOUT_MS: '4000' });
  await sendOne(service);
  await asked;

  service.child.kill('SIGTERM');

  await expect(service.exited).resolves.toEqual(clean);
  expect(await stateOf(db)).toEqual(givenBack);
});

it('a second signal ends the drain and cancels running attempts, whose deliveries return to the queue', async () => {
  const { db, url } = await aDatabase();
  const { environment, asked } = await aHangingReceiver();
  const service = startService({ ...environment, DATABASE_URL: url, DRAIN_MS: '90000', STOP_TIMEOUT_MS: '100000' });
  await sendOne(service);
  await asked;

  service.child.kill('SIGTERM');
  await service.says(/"msg":"stopping"/);
  // A signal that follows at once would count as a repetition of the first.
  await delay(150);
  service.child.kill('SIGINT');

  await expect(service.exited).resolves.toEqual({ code: 1, signal: null });
  expect(await stateOf(db)).toEqual(givenBack);
});

it("the same signal twice within a moment counts once, since npm forwards the terminal's signal", async () => {
  const { url } = await aDatabase();
  const service = startService({ DATABASE_URL: url, DRAIN_MS: '500' });
  await service.url;

  service.child.kill('SIGINT');
  service.child.kill('SIGINT');

  await expect(service.exited).resolves.toEqual(clean);
});

it('a statement that hangs does not delay a stop beyond its timeout', async () => {
  const { db, url } = await aDatabase();
  const service = startService({ DATABASE_URL: url, DRAIN_MS: '0', STOP_TIMEOUT_MS: '2000' });
  const { data } = (await (await fetch(`${await service.url}/users/me`, { headers })).json()) as {
    data: { id: string };
  };
  const create = () => service.url.then((at) => post(at, '/notifications', { recipient: data.id, subject: 'x' }));
  expect((await create()).status).toBe(200);
  await db.transaction(async (transaction) => {
    await transaction.query({ text: 'select from inboxes for update', values: [] });
    const hanging = create().then(
      () => 'answered',
      () => 'cut',
    );
    await somebodyWaits(db);

    service.child.kill('SIGTERM');

    await expect(service.exited).resolves.toEqual({ code: 1, signal: null });
    await expect(hanging).resolves.toBe('cut');
  });
});

it('the embedded PostgreSQL is stopped, also after a second signal', async () => {
  const dataDir = await aDataDir();
  const data = join(dataDir, 'postgres/data');
  for (const [signals, code] of [
    [1, 0],
    [2, 1],
  ]) {
    const service = startService({ DATA_DIR: dataDir, DRAIN_MS: signals === 1 ? '0' : '9000' });
    await service.url;
    const pid = await postmasterOf(dataDir);

    service.child.kill('SIGTERM');
    if (signals === 2) {
      await service.says(/"msg":"stopping"/);
      await delay(150);
      service.child.kill('SIGTERM');
    }

    await expect(service.exited).resolves.toEqual({ code, signal: null });
    expect(await isPostmaster(pid, data)).toBe(false);
  }
});
