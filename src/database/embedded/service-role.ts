import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { clusterUser } from './cluster.ts';
import { EmbeddedError } from './error.ts';

/** The role of the service: owns its database and everything in it, and is not a superuser. */
export const serviceUser = 'tidings_service';

/** Milliseconds to wait for the lock of a table whose owner changes. */
const lockTimeoutMs = 30_000;

/**
 * Creates the role of the service and its database, and makes the role the owner of everything in it, including what an
 * earlier version or an operator created. Every start checks everything again, so a start completes what a killed one
 * left unfinished.
 * @param client the superuser's connection, which holds the lock of the cluster.
 * @param url the superuser's URL of the service's database.
 * @returns the password of the role: a new one at every start, stored nowhere.
 */
export async function prepareServiceRole(client: pg.Client, url: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const roles = await client.query('select from pg_roles where rolname = $1', [serviceUser]);
  if (roles.rowCount === 0) await client.query(`create role ${serviceUser}`);
  // The password consists of letters, digits, - and _, so it needs no escaping.
  await client.query(
    `alter role ${serviceUser} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '${password}'`,
  );
  const { rows } = await client.query<{ owner: string }>(
    'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
    [clusterUser],
  );
  if (rows.length === 0) await client.query(`create database ${clusterUser} owner ${serviceUser}`);
  else if (rows[0]?.owner !== serviceUser) {
    await client.query(`alter database ${clusterUser} owner to ${serviceUser}`);
  }
  await changeOwners(url);
  return password;
}

async function changeOwners(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'tidings owner' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`set lock_timeout = ${lockTimeoutMs}`);
    // A single statement, so that all owners change or none.
    await client.query(changeOwnersText);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedError(`The tables of the embedded database cannot be given to the service: ${reason}.`, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

// `reassign owned` cannot be used: PostgreSQL refuses it for the superuser that `initdb` created. Indexes, sequences of
// columns, and the types of tables and arrays get the owner of their table or type. Objects of extensions are not
// changed.
const changeOwnersText = `do $$
declare command text;
begin
  for command in
    with owned as (
      select oid, nspname from pg_namespace
      where nspname !~ '^pg_' and nspname <> 'information_schema'
    ), free as (
      select format('schema %I', nspname) as thing from pg_namespace
      where nspname !~ '^pg_' and nspname <> 'information_schema' and nspowner = '${clusterUser}'::regrole
      union all
      select format('%s %I.%I', case relkind when 'v' then 'view' when 'm' then 'materialized view'
               when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end, nspname, relname)
      from pg_class join owned on owned.oid = relnamespace
      where relkind in ('r', 'p', 'v', 'm', 'S', 'f') and relowner = '${clusterUser}'::regrole
        and not exists (
          select from pg_depend
          where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype in ('a', 'i', 'e')
            and (deptype = 'e' or relkind = 'S')
        )
      union all
      select format('routine %s', pg_proc.oid::regprocedure)
      from pg_proc join owned on owned.oid = pronamespace
      where proowner = '${clusterUser}'::regrole
        and not exists (
          select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
        )
      union all
      select format('%s %I.%I', case typtype when 'd' then 'domain' else 'type' end, nspname, typname)
      from pg_type join owned on owned.oid = typnamespace
      where typtype in ('e', 'd', 'r') and typowner = '${clusterUser}'::regrole
        and not exists (
          select from pg_depend where classid = 'pg_type'::regclass and objid = pg_type.oid and deptype = 'e'
        )
    )
    select format('alter %s owner to ${serviceUser}', thing) from free
  loop
    execute command;
  end loop;
end $$`;
