import { execFile } from 'node:child_process';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { testDatabase } from '../support/database.ts';
import { asNobody, nobody, reasonAgainst, reasonAgainstNobody, unless } from '../support/skipping.ts';
import { afterwards } from './afterwards.ts';
import {
  aCheckout,
  aCopyOfNobody,
  type Checkout,
  hasData,
  npmStart,
  runsPostgres,
  startedPostgres,
} from './checkout.ts';
import type { Service } from './service.ts';

// There is a build and several starts of PostgreSQL, on a machine that may be busy.
jest.setTimeout(240_000);

const run = promisify(execFile);
const clean = { code: 0, signal: null };
const withoutNetwork = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;
const needsNamespace = unless(await reasonAgainst(...withoutNetwork, 'nsenter', '--version'));
const needsNobody = unless(await reasonAgainstNobody());
let checkout: Checkout;

beforeAll(async () => {
  checkout = await aCheckout();
});

afterAll(() => checkout?.remove());

async function healthOf(service: Service): Promise<number> {
  return (await fetch(`${await service.url}/healthz`)).status;
}

/** The process id in the log of the service, which is not the one of npm. */
async function pidOf(service: Service): Promise<number> {
  return Number((await service.says(/"pid":(\d+)/))[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A text that differs from build to build. */
async function identityOfBuild({ path }: Checkout): Promise<string> {
  const { ino, mtimeMs } = await stat(join(path, 'dist/main.js'));
  return `${ino} ${mtimeMs}`;
}

describe('npm start', () => {
  it('npm start, the service and PostgreSQL all end when npm is told to stop, and the next start does not build', async () => {
    const build = await identityOfBuild(checkout);
    for (const _start of ['first', 'second']) {
      const service = npmStart(checkout);
      expect(await healthOf(service)).toBe(200);
      const [pid, postgres] = [await pidOf(service), await startedPostgres(checkout, service)];

      service.child.kill('SIGTERM');

      await expect(service.exited).resolves.toEqual(clean);
      expect(isAlive(pid)).toBe(false);
      expect(await runsPostgres(checkout, postgres)).toBe(false);
    }
    expect(await identityOfBuild(checkout)).toBe(build);
  });

  it('npm start leaves no PostgreSQL running if it is stopped before the service answers', async () => {
    const service = npmStart(checkout);
    const postgres = await startedPostgres(checkout, service);

    service.child.kill('SIGTERM');

    await expect(service.exited).resolves.toEqual(clean);
    expect(await runsPostgres(checkout, postgres)).toBe(false);
  });

  it('npm start reads the file .env of its folder and names it, and a variable that is set already wins', async () => {
    const { url, drop } = await testDatabase();
    afterwards(drop);
    const file = join(checkout.path, '.env');
    const lines = [`DATABASE_URL=${url}`, 'ADMIN_EMAIL=admin@example.com', 'ADMIN_TOKEN=the-token-of-the-file'];
    afterwards(() => rm(file));
    await writeFile(file, lines.join('\n'));
    const statusFor = async (service: Service, token: string) =>
      (await fetch(`${await service.url}/users/me`, { headers: { authorization: `Bearer ${token}` } })).status;

    const service = npmStart(checkout, { environment: { ADMIN_TOKEN: 'the-token-of-the-shell' } });

    expect(await statusFor(service, 'the-token-of-the-shell')).toBe(200);
    expect(await statusFor(service, 'the-token-of-the-file')).toBe(401);
    expect(service.output()).toContain(JSON.stringify(file));
    // The database of the file is used, not the embedded one.
    expect(hasData(checkout)).toBe(false);
  });

  needsNamespace('npm start needs no network', async () => {
    const service = npmStart(checkout, { prefix: withoutNetwork });

    const request = `fetch('${await service.url}/healthz').then(({ status }) => console.log(status))`;
    const enter = [`--net=/proc/${service.child.pid}/ns/net`, process.execPath, '--eval', request];
    expect((await run('nsenter', enter)).stdout).toBe('200\n');
  });

  needsNobody('npm start works for an ordinary user whose home no other user may enter', async () => {
    const copy = await aCopyOfNobody(checkout);
    afterwards(copy.remove);
    expect((await stat(copy.home)).mode & 0o777).toBe(0o700);
    const service = npmStart(copy, { prefix: asNobody });
    expect(await healthOf(service)).toBe(200);
    const postgres = await startedPostgres(copy, service);
    expect((await stat(join(copy.path, 'data'))).uid).toBe(nobody);

    service.child.kill('SIGTERM');

    await expect(service.exited).resolves.toEqual(clean);
    expect(await runsPostgres(copy, postgres)).toBe(false);
  });
});
