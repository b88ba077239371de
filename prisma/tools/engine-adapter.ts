import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import pg from 'pg';

// PostgreSQL's internal one-byte type "char", of which its catalogues are full.
const charType = 18;
const textType = 25;

/** Prisma's adapter on one connection, made fit for the schema engine. The connection stays the caller's. */
export async function adapterOn(client: pg.Client): Promise<SqlDriverAdapter> {
  const charColumns = new WeakMap<object, readonly number[]>();
  // Prisma's adapter takes a pool only. This one never opens a connection: all it is asked is `query`.
  const pool = new pg.Pool();
  const query = async (config: pg.QueryArrayConfig): Promise<pg.QueryArrayResult> => {
    const result = await client.query(config);
    // A script of several statements gives a list of results, which nobody looks at.
    const fields = result.fields ?? [];
    charColumns.set(
      result.rows ?? result,
      fields.flatMap(({ dataTypeID }, index) => (dataTypeID === charType ? [index] : [])),
    );
    for (const field of fields) if (field.dataTypeID === charType) field.dataTypeID = textType;
    return result;
  };
  pool.query = query as typeof pool.query;
  const adapter = await new PrismaPg(pool).connect();
  const { queryRaw } = adapter;
  return Object.assign(adapter, {
    // The adapter refuses "char"; the engine, which reads the catalogues with it, wants it by its own name.
    queryRaw: async (sql: Parameters<SqlDriverAdapter['queryRaw']>[0]) => {
      const result = await queryRaw.call(adapter, sql);
      for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    },
    // The adapter cuts scripts at every semicolon, those in texts and functions too; PostgreSQL takes them whole.
    executeScript: async (sql: string) => {
      await adapter.executeRaw({ sql, args: [], argTypes: [] });
    },
  });
}
