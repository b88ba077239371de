import { access, chmod, chown, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { aDataDir, postmasterOf, start, startService } from '../support/embedded.ts';
import { asAdmin } from '../support/server.ts';
import { asNobody, nobody, reasonAgainst, reasonAgainstNobody, unless } from '../support/skipping.ts';

const isRoot = process.getuid?.() === 0;
const testWithUserNobody = unless(await reasonAgainstNobody());
const testWithNamespaces = unless(
  isRoot ? await reasonAgainst('unshare', '--user', '--map-user=1000', '--map-group=1000', 'true') : undefined,
);

/** A folder of commands without `unshare`, as on a machine that refuses user namespaces. */
async function pathWithoutNamespaces(folder: string): Promise<string> {
  await mkdir(folder);
  for (const name of ['sh', 'env']) {
    const place = await Promise.any(
      ['/bin', '/usr/bin'].map(async (directory) => {
        await access(join(directory, name));
        return join(directory, name);
      }),
    );
    await symlink(place, join(folder, name));
  }
  return folder;
}

describe('startEmbedded', () => {
  testWithNamespaces('the embedded PostgreSQL runs in a folder that only the owner may enter', async () => {
    const home = await aDataDir();
    await chmod(home, 0o700);

    const { url } = await start(join(home, 'tidings/data'));

    expect(await asAdmin(url, async (client) => (await client.query('select 1 as n')).rows)).toEqual([{ n: 1 }]);
  });

  testWithUserNobody('the embedded PostgreSQL runs for an ordinary user', async () => {
    const dataDir = await aDataDir();
    await chown(dataDir, nobody, nobody);
    const service = startService(dataDir, { prefix: asNobody });

    expect(await service.ready).toMatchObject({ url: expect.any(String) });

    expect((await stat(join(dataDir, 'postgres/data'))).uid).toBe(nobody);
    await service.stop();
  });

  testWithUserNobody(
    'root can run the embedded PostgreSQL on the data of an ordinary user, who can still use the data afterwards',
    async () => {
      const dataDir = await aDataDir();
      await chown(dataDir, nobody, nobody);
      const service = startService(dataDir, { prefix: asNobody });
      await service.ready;
      await service.stop();

      const { stop } = await start(dataDir);
      await stop();

      const again = startService(dataDir, { prefix: asNobody });
      expect(await again.ready).toMatchObject({ url: expect.any(String) });
      await again.stop();
    },
  );

  testWithUserNobody('the embedded PostgreSQL runs as a system user where user namespaces are refused', async () => {
    const dataDir = await aDataDir();
    await chmod(dataDir, 0o755);
    const service = startService(dataDir, { env: { PATH: await pathWithoutNamespaces(join(dataDir, 'bin')) } });

    expect(await service.ready).toMatchObject({ url: expect.any(String) });

    const status = await readFile(`/proc/${await postmasterOf(dataDir)}/status`, 'utf8');
    expect(status).not.toMatch(/^Uid:\s+0\b/m);
    await service.kill();
    const next = startService(dataDir, { env: { PATH: join(dataDir, 'bin') } });
    expect(await next.ready).toMatchObject({ url: expect.any(String) });
    await next.stop();
  });

  testWithUserNobody('the error says what to do if no user can run PostgreSQL', async () => {
    const dataDir = await aDataDir();
    await chmod(dataDir, 0o700);
    const service = startService(dataDir, { env: { PATH: await pathWithoutNamespaces(join(dataDir, 'bin')) } });

    expect(await service.ready).toMatchObject({
      error: expect.stringMatching(/refuses to run as root.*Start the service as an ordinary user.*DATABASE_URL/s),
    });
  });
});
