import type pg from 'pg';
import type { BackedUpTable, BackupEnd } from './format.ts';

/** Quotes a name for SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Session settings that fix the text form of values, whatever the settings of the role, database or server are. */
export const copySettings = `
  set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
  set extra_float_digits = 3; set client_encoding = 'UTF8';`;

const notOfExtension = (catalog: string) => `not exists (
  select from pg_depend where classid = '${catalog}'::regclass and objid = o.oid and deptype = 'e')`;

/** The tables of the schema with the columns that are stored, in order. */
export async function readTables(client: pg.Client): Promise<BackedUpTable[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select o.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class o join pg_namespace n on n.oid = o.relnamespace
     join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where n.nspname = current_schema() and o.relkind = 'r' and ${notOfExtension('pg_class')}
     group by o.relname order by o.relname`,
  );
  return rows.map(({ name, columns }) => ({ name, columns }));
}

/** The current values of the sequences of the schema. */
export async function readSequences(client: pg.Client): Promise<BackupEnd['sequences']> {
  const { rows } = await client.query<{ name: string }>(
    `select o.relname as name from pg_class o join pg_namespace n on n.oid = o.relnamespace
     where n.nspname = current_schema() and o.relkind = 'S' and ${notOfExtension('pg_class')} order by 1`,
  );
  const sequences: BackupEnd['sequences'] = [];
  for (const { name } of rows) {
    const { rows: found } = await client.query<{ value: string; is_called: boolean }>(
      `select last_value::text as value, is_called from ${quoted(name)}`,
    );
    sequences.push({ name, value: found[0]?.value ?? '1', is_called: found[0]?.is_called ?? false });
  }
  return sequences;
}

/** The size of the tables in bytes, without indexes. It is an estimate of the number of bytes to copy. */
export async function readBytes(client: pg.Client, tables: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'select coalesce(sum(pg_table_size(to_regclass(quote_ident(name)))), 0)::text as bytes from unnest($1::text[]) name',
    [tables],
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** A key or index. The statement `remove` is run before rows are loaded, `create` afterwards. */
interface Removable {
  readonly remove: string;
  readonly create: string;
}

/**
 * Keys, foreign keys and indexes, in the order in which they must be created. Loading rows without them and creating
 * them afterwards takes a fraction of the time of updating them row by row.
 */
export async function readKeysAndIndexes(client: pg.Client): Promise<Removable[]> {
  const { rows } = await client.query<Removable>(
    `select * from (
       select format('alter table %I drop constraint %I', t.relname, c.conname) as remove,
              format('alter table %I add constraint %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid)) as "create",
              case c.contype when 'f' then 3 else 1 end as position, t.relname, c.conname as name
       from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
       where n.nspname = current_schema() and c.contype in ('p', 'u', 'x', 'f')
       union all
       select format('drop index %I', o.relname), pg_get_indexdef(o.oid), 2, t.relname, o.relname
       from pg_index i join pg_class o on o.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
       join pg_namespace n on n.oid = t.relnamespace
       where n.nspname = current_schema() and t.relkind = 'r' and ${notOfExtension('pg_class')}
         and not exists (select from pg_constraint c where c.conindid = o.oid and c.contype in ('p', 'u', 'x'))
     ) removable order by position, relname, name`,
  );
  return rows;
}

/** Statements that drop everything in the schema; empty if the schema is empty. */
export async function readDrops(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(
    `select * from (
       select format('drop %s if exists %I cascade', case o.relkind when 'v' then 'view' when 'm' then 'materialized view'
                when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end, o.relname) as text,
              case o.relkind when 'S' then 2 else 1 end as position
       from pg_class o join pg_namespace n on n.oid = o.relnamespace
       where n.nspname = current_schema() and o.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${notOfExtension('pg_class')}
       union all
       select format('drop routine if exists %s cascade', o.oid::regprocedure), 3
       from pg_proc o join pg_namespace n on n.oid = o.pronamespace
       where n.nspname = current_schema() and ${notOfExtension('pg_proc')}
     ) drops order by position, text`,
  );
  return rows.map(({ text }) => text);
}
