import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { migrate } from '../../src/database/migrate.ts';
import { programEnvironment } from '../../src/program-environment.ts';
import { aDataDir, postmasterOf, start, startService } from '../support/embedded.ts';
import { asAdmin } from '../support/server.ts';

const log = pino({ level: 'silent' });
const rowsOf = <Row extends object>(url: string, text: string): Promise<Row[]> =>
  asAdmin(url, async (client) => (await client.query<Row>(text)).rows);

const ownedByOthersText = `
  select relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where nspname = 'public' and pg_get_userbyid(relowner) <> 'tidings_service'
  union all
  select proname from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
  where nspname = 'public' and pg_get_userbyid(proowner) <> 'tidings_service'
  union all
  select typname from pg_type join pg_namespace on pg_namespace.oid = typnamespace
  where nspname = 'public' and pg_get_userbyid(typowner) <> 'tidings_service'
  union all
  select datname from pg_database where datname = 'tidings' and pg_get_userbyid(datdba) <> 'tidings_service'`;

describe('the service', () => {
  it('the service works as a role that owns its database and is not a superuser', async () => {
    const { serviceUrl, url } = await start(await aDataDir());

    await migrate(serviceUrl, { log });

    expect(
      await rowsOf(
        serviceUrl,
        `select current_user::text as name, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as may
         from pg_roles where rolname = current_user`,
      ),
    ).toEqual([{ name: 'tidings_service', may: false }]);
    expect(await rowsOf(url, ownedByOthersText)).toEqual([]);
    await expect(rowsOf(serviceUrl, `copy (select 1) to program 'true'`)).rejects.toMatchObject({ code: '42501' });
  });

  it('operators can still connect as the superuser over TCP, with the password in the file', async () => {
    const dataDir = await aDataDir();
    const { url } = await start(dataDir);
    const password = (await readFile(`${dataDir}/postgres/password`, 'utf8')).trim();

    const byTcp = `postgresql://tidings:${password}@127.0.0.1:${new URL(url).port}/tidings`;

    expect(await rowsOf(byTcp, `select current_setting('is_superuser') as is`)).toEqual([{ is: 'on' }]);
  });

  it('the role takes over the objects of an earlier version with their contents', async () => {
    const dataDir = await aDataDir();
    const first = await start(dataDir);
    await migrate(first.serviceUrl, { log });
    // As the superuser, like earlier versions.
    await rowsOf(
      first.url,
      `create table old (id serial primary key, n int generated always as identity);
       create view seen as select * from old;
       create materialized view kept as select * from old;
       create sequence alone;
       create function f(a int, b text) returns int language sql as 'select 1';
       create type mood as enum ('good', 'bad');
       create domain small as int check (value < 9);
       create schema apart;
       create table apart."Weird ""name" as select 1 as n;
       alter table notifications owner to tidings;
       alter database tidings owner to tidings`,
    );
    await first.stop();

    const second = await start(dataDir);

    expect(await rowsOf(second.url, ownedByOthersText)).toEqual([]);
    await rowsOf(second.serviceUrl, `alter table apart."Weird ""name" add m int; drop schema apart cascade`);
    await rowsOf(second.serviceUrl, 'drop view seen; drop materialized view kept; drop table old; drop type mood');
    expect(await rowsOf(second.serviceUrl, 'select count(*)::int as count from notifications')).toEqual([{ count: 0 }]);
    expect(await migrate(second.serviceUrl, { log })).toEqual([]);
  });

  it('an interrupted transfer of ownership is completed by the next start', async () => {
    const dataDir = await aDataDir();
    const first = await start(dataDir);
    await rowsOf(first.url, 'create table old as select 42 as n');
    // The role exists and owns nothing.
    await rowsOf(
      first.url,
      'reassign owned by tidings_service to tidings; alter role tidings_service nologin superuser',
    );
    await first.stop();

    const { serviceUrl } = await start(dataDir);

    expect(await rowsOf(serviceUrl, 'select n from old')).toEqual([{ n: 42 }]);
    expect(await rowsOf(serviceUrl, `select current_setting('is_superuser') as is`)).toEqual([{ is: 'off' }]);
  });

  it('the role gets a new password at every start, and the password is not logged', async () => {
    const dataDir = await aDataDir();
    const service = startService(dataDir);
    await service.ready;
    await service.kill();
    const first = await start(dataDir);
    const { password } = new URL(first.serviceUrl);
    await first.stop();

    const second = await start(dataDir);

    expect(new URL(second.serviceUrl).password).not.toBe(password);
    expect(await readFile(`${dataDir}/postgres/postgres.log`, 'utf8')).not.toContain(password);
  });
});

describe('PostgreSQL', () => {
  const isLinux = process.platform === 'linux';

  (isLinux ? it : it.skip)('PostgreSQL gets only PATH and LANG of the environment', async () => {
    process.env['A_SECRET_OF_THE_SERVICE'] = 'secret';
    const dataDir = await aDataDir();
    await start(dataDir);
    delete process.env['A_SECRET_OF_THE_SERVICE'];

    const environment = await readFile(`/proc/${await postmasterOf(dataDir)}/environ`, 'utf8');

    const names = environment.split('\0').flatMap((line) => line.split('=')[0] || []);
    expect(names.filter((name) => name !== 'PATH' && name !== 'LANG')).toEqual([]);
    expect(names).toContain('PATH');
  });

  it.each([
    [
      { PATH: '/bin', LANG: 'C', ADMIN_TOKEN: 'secret' },
      { PATH: '/bin', LANG: 'C' },
    ],
    [{ PATH: '/bin', HOME: '/root' }, { PATH: '/bin' }],
    [{}, {}],
  ])('PostgreSQL started with %j gets the environment %j', (environment, expected) => {
    expect(programEnvironment(environment)).toEqual(expected);
  });
});
