import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { testDatabase } from '../support/database.ts';
import { aDataDir } from '../support/embedded.ts';
import { aSilentPort } from '../support/ports.ts';
import { afterwards } from './afterwards.ts';
import { startService } from './service.ts';

jest.setTimeout(120_000);

/** No secret is set, so the service generates them. */
const generated = { ADMIN_EMAIL: '', ADMIN_PASSWORD: '', ADMIN_TOKEN: '', DRAIN_MS: '0' };

async function aDatabase() {
  const { db, url, drop } = await testDatabase();
  afterwards(drop);
  return { db, url };
}

/** A path where no user can create a folder, not even root. */
async function aPathBelowAFile(): Promise<string> {
  const file = join(await aDataDir(), 'file');
  await writeFile(file, '');
  return join(file, 'data');
}

async function statusFor(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/users/me`, { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('the first start', () => {
  it('the first start without a terminal stores generated secrets in a file that only its user may read', async () => {
    const { url } = await aDatabase();
    const dataDir = join(await aDataDir(), 'of the service');
    const service = startService({ ...generated, DATABASE_URL: url, DATA_DIR: dataDir });
    const address = await service.url;

    const file = join(dataDir, 'first-admin.env');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    const [, password = '', token = ''] =
      /^ADMIN_EMAIL=admin@example.com\nADMIN_PASSWORD=(\S+)\nADMIN_TOKEN=(\S+)$/m.exec(text) ?? [];
    expect(await statusFor(address, token)).toBe(200);
    expect(service.output()).toContain(JSON.stringify(file));
    expect(service.output()).not.toContain(token);
    expect(service.output()).not.toContain(password);
  });

  it('the first start creates no admin if the port is in use, so that no secret is lost', async () => {
    const { db, url } = await aDatabase();
    const { port, close } = await aSilentPort();
    afterwards(close);
    const service = startService({ ...generated, DATABASE_URL: url, PORT: String(port), DATA_DIR: await aDataDir() });

    await expect(service.exited).resolves.toEqual({ code: 1, signal: null });

    expect(service.output()).toMatch(new RegExp(`port ${port} is in use; set PORT\\.\n$`));
    expect(await db.prisma.user.count()).toBe(0);
  });

  it('the first start fails and creates no admin if the file of secrets cannot be written', async () => {
    const { db, url } = await aDatabase();
    const service = startService({ ...generated, DATABASE_URL: url, DATA_DIR: await aPathBelowAFile() });

    await expect(service.exited).resolves.toEqual({ code: 1, signal: null });

    expect(service.output()).toMatch(/DATA_DIR: the generated secrets of the first admin cannot be stored in .*\.\n$/);
    expect(await db.prisma.user.count()).toBe(0);
  });

  it('the first start needs no file if both secrets are set, and later starts apply changed secrets', async () => {
    const { url } = await aDatabase();
    const given = { DATABASE_URL: url, DATA_DIR: await aPathBelowAFile(), DRAIN_MS: '0' };
    const first = startService(given);
    await first.url;
    first.child.kill('SIGTERM');
    await expect(first.exited).resolves.toEqual({ code: 0, signal: null });

    const second = startService({ ...given, ADMIN_TOKEN: 'another-token-of-the-admin' });

    expect(await statusFor(await second.url, 'another-token-of-the-admin')).toBe(200);
    expect(await statusFor(await second.url, 'the-token-of-admin')).toBe(401);
  });
});
