import { mkdir, mkdtemp, readdir, readlink, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findBinaries, linkLibraries } from '../../src/database/embedded/binaries.ts';
import { aDataDir, postmasterOf, start } from '../support/embedded.ts';
import { asAdmin } from '../support/server.ts';

const setting = (url: string, name: string): Promise<unknown> =>
  asAdmin(url, async (client) => (await client.query('select current_setting($1) as value', [name])).rows[0].value);

/** The address that the server sees for connections by this URL; null for a Unix socket. */
const peerOf = (url: string): Promise<unknown> =>
  asAdmin(url, async (client) => (await client.query('select host(inet_client_addr()) as value')).rows[0].value);

describe('startEmbedded', () => {
  it('the embedded database keeps its data between starts', async () => {
    const dataDir = join(await aDataDir(), 'not', 'there', 'yet');
    const first = await start(dataDir);
    await asAdmin(first.url, (client) => client.query('create table kept as select 42 as n'));
    await first.stop();

    const second = await start(dataDir);

    const { rows } = await asAdmin(second.url, (client) => client.query('select n from kept'));
    expect(rows).toEqual([{ n: 42 }]);
    await second.stop();
  });

  it('a database of an older PostgreSQL is refused with the commands that move it, and is not changed', async () => {
    const dataDir = await aDataDir();
    await (await start(dataDir)).stop();
    const file = join(await realpath(dataDir), 'postgres/data/PG_VERSION');
    const { major } = await findBinaries();
    await writeFile(file, `${major - 1}\n`);

    const home = join(await realpath(dataDir), 'postgres');
    await expect(start(dataDir)).rejects.toThrow(
      `The database in ${home} was created by PostgreSQL ${major - 1}, and this version of Tidings has PostgreSQL ${major}. Nothing was changed.`,
    );
    await expect(start(dataDir)).rejects.toThrow(`"mv ${home} ${home}-${major - 1}", then "tidings restore`);
    await writeFile(file, `${major + 1}\n`);
    await expect(start(dataDir)).rejects.toThrow('Start the version of Tidings that created it.');

    await writeFile(file, `${major}\n`);
    await (await start(dataDir)).stop();
  });

  it('the embedded database accepts only local connections with the password', async () => {
    const dataDir = await aDataDir();
    const { url } = await start(dataDir);

    expect(await setting(url, 'listen_addresses')).toBe('127.0.0.1');
    const guessed = new URL(url);
    guessed.password = 'guessed';
    await expect(asAdmin(guessed.href, async () => undefined)).rejects.toMatchObject({ code: '28P01' });
    guessed.searchParams.delete('host');
    await expect(asAdmin(guessed.href, async () => undefined)).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  });

  it('the embedded database listens on a Unix socket in its private folder and on TCP', async () => {
    const dataDir = await aDataDir();
    const { url } = await start(dataDir);
    const byTcp = new URL(url);
    byTcp.searchParams.delete('host');

    expect(await peerOf(url)).toBeNull();
    expect(await peerOf(byTcp.href)).toBe('127.0.0.1');
    expect(await setting(url, 'unix_socket_directories')).toBe(await realpath(join(dataDir, 'postgres')));
  });

  it('the embedded database compares text by Unicode on every system', async () => {
    const { url } = await start(await aDataDir());

    const { rows } = await asAdmin(url, (client) =>
      client.query(`select lower('ÄÉΩ') as lower, 'Z' < 'a' as ordered, pg_encoding_to_char(encoding) as encoding,
                           datlocprovider as provider, datlocale as locale
                    from pg_database where datname = current_database()`),
    );

    expect(rows).toEqual([{ lower: 'äéω', ordered: true, encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' }]);
  });

  it('a folder used by another service is refused and left alone', async () => {
    const dataDir = await aDataDir();
    const { url } = await start(dataDir);

    await expect(start(dataDir)).rejects.toThrow(/in use by another running service.*DATABASE_URL/);

    expect(await setting(url, 'port')).toBe(new URL(url).port);
  });

  it('only one of two services gets a new folder', async () => {
    const dataDir = await aDataDir();

    const results = await Promise.allSettled([start(dataDir), start(dataDir)]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { message: expect.stringContaining('in use by another running service') },
    });
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('the end of the PostgreSQL process is reported', async () => {
    const dataDir = await aDataDir();
    let tell: (error: Error) => void = () => undefined;
    const lost = new Promise<Error>((resolve) => {
      tell = resolve;
    });
    await start(dataDir, { onExit: tell });

    process.kill(await postmasterOf(dataDir), 'SIGQUIT');

    expect((await lost).message).toContain('has ended');
  });

  it('the service keeps its lock on the folder when PostgreSQL drops every connection', async () => {
    const dataDir = await aDataDir();
    let tell: () => void = () => undefined;
    const back = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const log = { info: () => undefined, error: () => undefined, warn: () => tell() };
    const { url } = await start(dataDir, { log });
    const victim = await asAdmin(
      url,
      async (client) =>
        (await client.query(`select pid from pg_stat_activity where application_name = 'tidings lock'`)).rows[0]
          .pid as number,
    );

    // PostgreSQL ends all connections when one of its processes is killed.
    process.kill(victim, 'SIGKILL');
    await back;

    await expect(start(dataDir)).rejects.toThrow('in use');
  });

  it('the error of a failed start has the message of PostgreSQL', async () => {
    const dataDir = await aDataDir();
    await (await start(dataDir)).stop();
    await writeFile(join(dataDir, 'postgres/data/PG_VERSION'), 'damaged\n');

    await expect(start(dataDir)).rejects.toThrow('PG_VERSION');
  });

  it('a folder with other contents is refused', async () => {
    const dataDir = await aDataDir();
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres/notes.txt'), 'mine');

    await expect(start(dataDir)).rejects.toThrow(`${join(dataDir, 'postgres')} cannot be created`);

    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});

describe('findBinaries', () => {
  it.each([
    ['sunos', 'x64'],
    ['win32', 'x64'],
  ])('a platform without PostgreSQL binaries is reported: %s-%s', async (platform, arch) => {
    await expect(findBinaries(platform, arch)).rejects.toThrow(
      new RegExp(`no embedded PostgreSQL for ${platform}-${arch}.*DATABASE_URL`),
    );
  });
});

describe('linkLibraries', () => {
  it('missing links to libraries are created', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tidings-links-'));
    await mkdir(join(home, 'native/lib'), { recursive: true });
    const link = (target: string) => ({ source: 'native/lib/liba.so.1.2', target: `native/lib/${target}` });
    await writeFile(join(home, 'native/pg-symlinks.json'), JSON.stringify([link('liba.so'), link('liba.so.1')]));
    await writeFile(join(home, 'native/lib/liba.so.1.2'), '');
    await symlink('liba.so.1.2', join(home, 'native/lib/liba.so'));

    await linkLibraries(home, 'some-package');

    expect(await readlink(join(home, 'native/lib/liba.so.1'))).toBe('liba.so.1.2');
    await rm(home, { recursive: true });
  });
});
