import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isPostmaster, waitUntilGone } from '../../src/database/embedded/postmaster.ts';
import { aDataDir, postmasterOf, start, startService } from '../support/embedded.ts';
import { asAdmin } from '../support/server.ts';

const write = (url: string) => asAdmin(url, (client) => client.query('create table kept as select 42 as n'));
const read = (url: string) => asAdmin(url, async (client) => (await client.query('select n from kept')).rows);

/** A service on a new folder that has written something, then was killed. */
async function killedService() {
  const dataDir = await aDataDir();
  const service = startService(dataDir);
  const { url, error } = await service.ready;
  if (url === undefined) throw new Error(error);
  await write(url);
  await service.kill();
  return { dataDir, url, pid: await postmasterOf(dataDir) };
}

async function killPostmaster(dataDir: string): Promise<void> {
  const pid = await postmasterOf(dataDir);
  process.kill(pid, 'SIGKILL');
  await waitUntilGone(pid, join(dataDir, 'postgres/data'), 10_000);
}

describe('after kill -9 of the service', () => {
  it('after kill -9, the next start takes over the running PostgreSQL', async () => {
    const { dataDir, url, pid } = await killedService();

    const next = await start(dataDir);

    expect(next.url).toBe(url);
    expect(await postmasterOf(dataDir)).toBe(pid);
    expect(await read(next.url)).toEqual([{ n: 42 }]);
  });

  it('after kill -9, stopping a taken-over PostgreSQL ends it', async () => {
    const { dataDir, pid } = await killedService();
    const next = await start(dataDir);

    await next.stop();

    expect(await isPostmaster(pid, join(dataDir, 'postgres/data'))).toBe(false);
    await expect(write(next.url)).rejects.toThrow('connect ENOENT');
  });

  it('after kill -9 of service and PostgreSQL, the next start works', async () => {
    const { dataDir } = await killedService();
    await killPostmaster(dataDir);

    const next = await start(dataDir);

    expect(await read(next.url)).toEqual([{ n: 42 }]);
    // The socket of the killed process was removed.
    expect((await readdir(join(dataDir, 'postgres'))).filter((name) => name.startsWith('.s.PGSQL.')).sort()).toEqual([
      `.s.PGSQL.${new URL(next.url).port}`,
      `.s.PGSQL.${new URL(next.url).port}.lock`,
    ]);
  });

  it('after kill -9, another process with the same pid is left alone', async () => {
    const { dataDir } = await killedService();
    await killPostmaster(dataDir);
    const innocent = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const file = join(dataDir, 'postgres/data/postmaster.pid');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, `${innocent.pid}`));

    const next = await start(dataDir);

    expect(await read(next.url)).toEqual([{ n: 42 }]);
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
    innocent.stdin.end();
    await once(innocent, 'exit');
  });

  it('after kill -9 during the first start, the next start begins again', async () => {
    const dataDir = await aDataDir();
    const changes = watch(dataDir);
    const service = startService(dataDir);
    await once(changes, 'change');
    await service.kill();
    changes.close();
    expect(await readdir(dataDir)).toEqual([expect.stringMatching(/^postgres\.new-/)]);

    const next = await start(dataDir);
    await write(next.url);

    expect(await read(next.url)).toEqual([{ n: 42 }]);
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});

describe('a running service', () => {
  it('a second service is refused, and gets the folder as soon as the first is gone', async () => {
    const dataDir = await aDataDir();
    const first = startService(dataDir);
    await first.ready;

    expect(await startService(dataDir).ready).toMatchObject({ error: expect.stringContaining('in use') });

    await first.stop();
    const next = startService(dataDir);
    expect(await next.ready).toMatchObject({ url: expect.any(String) });
    await next.stop();
  });

  it('PostgreSQL does not receive Ctrl-C from the terminal', async () => {
    const dataDir = await aDataDir();
    const service = startService(dataDir, { detached: true });
    const { url = '' } = await service.ready;
    const exited = once(service.child, 'exit');

    // As a terminal does: it signals the whole process group.
    process.kill(-(service.child.pid ?? 0), 'SIGINT');
    await exited;

    await write(url);
    expect(await read((await start(dataDir)).url)).toEqual([{ n: 42 }]);
  });
});
