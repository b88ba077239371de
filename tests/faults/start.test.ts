import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { isPostmaster } from '../../src/database/embedded/postmaster.ts';
import { createDatabase, testDatabase } from '../support/database.ts';
import { aDataDir, postmasterOf } from '../support/embedded.ts';
import { aFreePort, aSilentPort } from '../support/ports.ts';
import { asAdmin } from '../support/server.ts';
import { afterwards } from './afterwards.ts';
import { startService } from './service.ts';

jest.setTimeout(120_000);

/** The last line that a service prints when it cannot start; there must be no stack. */
async function refusalOf(environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  const service = startService({ LOG_LEVEL: 'silent', ...environment });
  await expect(service.exited).resolves.toEqual({ code: 1, signal: null });
  expect(service.output()).not.toMatch(/^ +at /m);
  return service.output().trimEnd().split('\n').at(-1);
}

/** Resolves with the process id of the embedded PostgreSQL as soon as it runs. */
async function startedPostmaster(dataDir: string): Promise<number> {
  for (;;) {
    const pid = await postmasterOf(dataDir).catch(() => 0);
    if (pid > 0 && (await isPostmaster(pid, join(dataDir, 'postgres/data')))) return pid;
    await delay(1);
  }
}

describe('a start that fails', () => {
  it('a start fails with one sentence for a database user who may not create tables', async () => {
    const { url, drop } = await createDatabase('template template0');
    const name = `limited_${process.pid}`;
    await asAdmin(url, (client) => client.query(`create role ${name} login password 'limited'`));
    afterwards(async () => {
      await asAdmin(url, (client) => client.query(`drop role ${name}`));
      await drop();
    });
    const limited = Object.assign(new URL(url), { username: name, password: 'limited' });

    expect(await refusalOf({ DATABASE_URL: limited.href })).toBe(
      'The database cannot be migrated: permission denied for schema public',
    );
  });

  it('a start fails with one sentence for a port in use', async () => {
    const { url, drop } = await testDatabase();
    afterwards(drop);
    const { port, close } = await aSilentPort();
    afterwards(close);

    expect(await refusalOf({ DATABASE_URL: url, PORT: String(port) })).toBe(`port ${port} is in use; set PORT.`);
  });

  it('a start fails with one sentence for an unreadable file of the configuration', async () => {
    const { url, drop } = await testDatabase();
    afterwards(drop);
    const mail = { SMTP_URL: 'smtps://127.0.0.1', EMAIL_FROM: 'a@example.com', SMTP_TLS_CA_FILE: '/nowhere/ca.pem' };

    expect(await refusalOf({ DATABASE_URL: url, ...mail })).toContain('The file /nowhere/ca.pem of the mail config');
  });

  it('a start fails with one sentence for a data folder in use by another service', async () => {
    const dataDir = await aDataDir();
    const first = startService({ DATA_DIR: dataDir, DRAIN_MS: '0' });
    await first.url;

    expect(await refusalOf({ DATA_DIR: dataDir })).toContain(
      `The data folder ${dataDir} is in use by another running service.`,
    );
    first.child.kill('SIGTERM');
    await expect(first.exited).resolves.toEqual({ code: 0, signal: null });
  });
});

describe('a signal during the start', () => {
  it('a signal during the start leaves no incomplete database folder', async () => {
    const dataDir = await aDataDir();
    const changes = watch(dataDir);
    const service = startService({ DATA_DIR: dataDir });
    await once(changes, 'change');
    changes.close();

    service.child.kill('SIGTERM');

    await expect(service.exited).resolves.toEqual({ code: 0, signal: null });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it.each([
    ['one signal', 0],
    ['two signals', 1],
  ])('a start ended by signals leaves no PostgreSQL running: %s', async (_count, code) => {
    const dataDir = await aDataDir();
    const service = startService({ DATA_DIR: dataDir });
    const pid = await startedPostmaster(dataDir);

    service.child.kill('SIGTERM');
    if (code === 1) {
      await service.says(/"msg":"stopping"/);
      // A signal that follows at once would count as a repetition of the first.
      await delay(150);
      service.child.kill('SIGINT');
    }

    const { code: given } = await service.exited;
    // The first signal may have ended the process before the second one arrives.
    expect([code, 0]).toContain(given);
    expect(await isPostmaster(pid, join(dataDir, 'postgres/data'))).toBe(false);
  });

  it('a signal ends the wait for a database', async () => {
    const service = startService({ DATABASE_URL: `postgresql://u:p@127.0.0.1:${await aFreePort()}/x` });
    await service.says(/waiting for the database/);

    service.child.kill('SIGTERM');

    await expect(service.exited).resolves.toEqual({ code: 0, signal: null });
  });
});
