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

/** What a service says that cannot start: at its end one line, and nowhere a stack. */
async function refusalOf(environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  const service = startService({ LOG_LEVEL: 'silent', ...environment });
  await expect(service.exited).resolves.toEqual({ code: 1, signal: null });
  expect(service.said()).not.toMatch(/^ +at /m);
  return service.said().trimEnd().split('\n').at(-1);
}

/** The process number of the PostgreSQL that a service has just started. */
async function startedPostmaster(dataDir: string): Promise<number> {
  for (;;) {
    const pid = await postmasterOf(dataDir).catch(() => 0);
    if (pid > 0 && (await isPostmaster(pid, join(dataDir, 'postgres/data')))) return pid;
    await delay(1);
  }
}

describe('a start fails at once, in a sentence', () => {
  it('for a user who may not make tables', async () => {
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

  it('for a port that is taken', async () => {
    const { url, drop } = await testDatabase();
    afterwards(drop);
    const { port, close } = await aSilentPort();
    afterwards(close);

    expect(await refusalOf({ DATABASE_URL: url, PORT: String(port) })).toBe(`port ${port} is in use; set PORT.`);
  });

  it('for a file of the configuration that cannot be read', async () => {
    const { url, drop } = await testDatabase();
    afterwards(drop);
    const mail = { SMTP_URL: 'smtps://127.0.0.1', EMAIL_FROM: 'a@example.com', SMTP_TLS_CA_FILE: '/nowhere/ca.pem' };

    expect(await refusalOf({ DATABASE_URL: url, ...mail })).toContain('The file /nowhere/ca.pem of the mail config');
  });

  it('for a data folder that another running service uses', async () => {
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
  it('leaves no database folder that is half made', async () => {
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
    ['one', 0],
    ['two', 1],
  ])('leaves no PostgreSQL running: %s', async (_count, code) => {
    const dataDir = await aDataDir();
    const service = startService({ DATA_DIR: dataDir });
    const pid = await startedPostmaster(dataDir);

    service.child.kill('SIGTERM');
    if (code === 1) {
      await service.says(/"msg":"stopping"/);
      // A signal that is repeated at once counts as the same.
      await delay(150);
      service.child.kill('SIGINT');
    }

    const { code: given } = await service.exited;
    // The first may have done its work before the second came.
    expect([code, 0]).toContain(given);
    expect(await isPostmaster(pid, join(dataDir, 'postgres/data'))).toBe(false);
  });

  it('ends the waiting for a database', async () => {
    const service = startService({ DATABASE_URL: `postgresql://u:p@127.0.0.1:${await aFreePort()}/x` });
    await service.says(/waiting for the database/);

    service.child.kill('SIGTERM');

    await expect(service.exited).resolves.toEqual({ code: 0, signal: null });
  });
});
