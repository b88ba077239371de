import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';

const scratch = await mkdtemp(join(tmpdir(), 'tidings-check-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));
const script = fileURLToPath(new URL('../../prisma/check-migrations.mjs', import.meta.url));
const [first = ''] = (await readMigrations()).map(({ name }) => name);

/** A folder with the migrations; `git` can make it a repository. */
async function aCheckout() {
  const cwd = await mkdtemp(join(scratch, 'checkout-'));
  const migrations = join(cwd, 'prisma/migrations');
  await cp(migrationsFolder, migrations, { recursive: true });
  const run = promisify(execFile);
  const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
  const git = (...args: string[]) => run('git', [...author, ...args], { cwd });
  return {
    migrations,
    git,
    commit: () => git('add', '-A').then(() => git('commit', '-qm', 'change')),
    /** The faults that the check reports; empty when there are none. */
    check: (...args: string[]) =>
      run(process.execPath, [script, ...args], { cwd }).then(
        () => '',
        ({ stderr }: { readonly stderr: string }) => stderr,
      ),
    edit: () => appendFile(join(migrations, first, 'migration.sql'), '-- edited\n'),
    async add(name: string, script = 'create table newer ();\n') {
      await mkdir(join(migrations, name));
      await writeFile(join(migrations, name, 'migration.sql'), script);
    },
  };
}

describe('the check of the migrations', () => {
  it('the check accepts the migrations of the repository, also without git history', async () => {
    expect(await (await aCheckout()).check()).toBe('');
  });

  it('the check refuses an edited or removed migration', async () => {
    const { check, edit, migrations } = await aCheckout();
    await edit();
    expect(await check()).toContain(`${first} was edited: its checksum differs from prisma/migrations/checksums.txt`);

    await rm(join(migrations, first), { recursive: true });
    expect(await check()).toContain(`${first} is listed in prisma/migrations/checksums.txt but does not exist`);
  });

  it('the check requires a new migration to be listed', async () => {
    const { check, add } = await aCheckout();
    await add('29990101000000_newer');

    expect(await check()).toContain('29990101000000_newer is not listed');
    expect(await check('--write')).toBe('');
    expect(await check()).toBe('');
  });

  it('the check refuses a change to a migration that is on main, even if the list was changed to match', async () => {
    const { git, commit, check, edit, migrations } = await aCheckout();
    await git('init', '-q', '-b', 'main');
    await commit();
    await git('checkout', '-qb', 'work');
    await edit();
    await rm(join(migrations, 'checksums.txt'));
    await writeFile(join(migrations, 'checksums.txt'), '');
    expect(await check('--write')).toContain(`prisma/migrations/${first}/migration.sql is on main and was changed`);
    await commit();
    expect(await check()).toContain('is on main and was changed');

    await git('checkout', '-q', 'main');
    expect(await check()).toBe('');
    await git('merge', '-q', 'work');
    expect(await check()).toContain('is on main and was changed');
  });

  it.each([
    {
      what: 'builds an index concurrently in a transaction',
      script: 'create index concurrently if not exists i on users (title);',
      fault: 'cannot run in a transaction',
    },
    { what: 'commits', script: 'create table newer ();\ncommit;', fault: 'cannot run in a transaction' },
    {
      what: 'builds an index concurrently without "if not exists"',
      script: '-- outside-transaction\ncreate index concurrently i on users (title);',
      fault: 'cannot be repeated',
    },
    {
      what: 'drops an index concurrently without "if exists"',
      script: '-- outside-transaction\ndrop index concurrently i;',
      fault: 'cannot be repeated',
    },
  ])('the check refuses a migration that $what', async ({ script, fault }) => {
    const { check, add } = await aCheckout();
    await add('29990101000000_newer', script);

    expect(await check('--write')).toContain(`29990101000000_newer ${fault}`);
  });

  it('the check accepts an index built outside a transaction', async () => {
    const { check, add } = await aCheckout();
    await add(
      '29990101000000_newer',
      '-- outside-transaction\n-- Not concurrently with others.\ncreate index concurrently if not exists i on users (title);',
    );

    expect(await check('--write')).toBe('');
  });

  it('the check accepts changes to a migration that is not on main', async () => {
    const { git, commit, check, add, migrations } = await aCheckout();
    await git('init', '-q', '-b', 'main');
    await commit();
    await git('checkout', '-qb', 'work');
    await add('29990101000000_newer');
    await check('--write');
    await commit();
    await rm(join(migrations, '29990101000000_newer'), { recursive: true });
    await git('checkout', '-q', 'main', '--', 'prisma/migrations/checksums.txt');

    expect(await check()).toBe('');
  });
});
