import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { aDataDir, postmasterOf, start, startService } from '../support/embedded.ts';
import { asAdmin } from '../support/server.ts';

const socketFolderOf = (url: string) => new URL(url).searchParams.get('host') ?? '';
const isLocal = (url: string): Promise<unknown> =>
  asAdmin(url, async (client) => (await client.query('select inet_client_addr() is null as value')).rows[0].value);
const aLongDataDir = async () => join(await aDataDir(), 'a-long-name-'.repeat(8));
const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

describe('a data folder with a path too long for a socket', () => {
  it('a database in a data folder with a long path has its socket in a short private folder until the stop', async () => {
    const { url, serviceUrl, stop } = await start(await aLongDataDir());
    const folder = socketFolderOf(url);

    expect(dirname(folder)).toBe(tmpdir());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await isLocal(url)).toBe(true);
    expect(socketFolderOf(serviceUrl)).toBe(folder);
    await stop();
    expect(await isThere(folder)).toBe(false);
  });

  it('the socket folder is reused after a kill and removed afterwards', async () => {
    const dataDir = await aLongDataDir();
    const service = startService(dataDir);
    const { url = '' } = await service.ready;
    await service.kill();
    process.kill(await postmasterOf(dataDir), 'SIGKILL');

    const next = await start(dataDir);

    expect(socketFolderOf(next.url)).toBe(socketFolderOf(url));
    expect(await readdir(socketFolderOf(url))).toHaveLength(2);
    await next.stop();
    expect(await isThere(socketFolderOf(url))).toBe(false);
  });

  it('a socket folder that other users may enter is not used', async () => {
    const dataDir = await aLongDataDir();
    const service = startService(dataDir);
    const folder = socketFolderOf((await service.ready).url ?? '');
    await service.kill();
    process.kill(await postmasterOf(dataDir), 'SIGKILL');
    await rm(folder, { recursive: true });
    await mkdir(folder);
    await chmod(folder, 0o777);

    const next = await start(dataDir);

    expect(socketFolderOf(next.url)).not.toBe(folder);
    expect(await isLocal(next.url)).toBe(true);
    await next.stop();
    expect(await isThere(folder)).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('a socket folder that is a symbolic link is not used', async () => {
    const dataDir = await aLongDataDir();
    const service = startService(dataDir);
    const folder = socketFolderOf((await service.ready).url ?? '');
    await service.kill();
    process.kill(await postmasterOf(dataDir), 'SIGKILL');
    await rm(folder, { recursive: true });
    const target = await aDataDir();
    await chmod(target, 0o700);
    await symlink(target, folder);

    const next = await start(dataDir);

    expect(socketFolderOf(next.url)).not.toBe(folder);
    expect(await readdir(target)).toEqual([]);
    await rm(folder);
  });

  it('a second service does not touch the socket folder of the first', async () => {
    const dataDir = await aLongDataDir();
    const { url } = await start(dataDir);

    await expect(start(dataDir)).rejects.toThrow('in use');

    expect(await isLocal(url)).toBe(true);
    expect(await readFile(join(dataDir, 'postgres/socket-folder'), 'utf8')).toBe(socketFolderOf(url));
    expect(basename(socketFolderOf(url))).toMatch(/^tidings-/);
  });
});
