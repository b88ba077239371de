import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import pg from 'pg';

// PostgreSQL's internal one-byte type "char", which its catalogues use.
const charType = 18;
const textType = 25;

/** Prisma's adapter on one connection, adapted to the schema engine. The caller closes the connection. */
export async function adapterOn(client: pg.Client): Promise<SqlDriverAdapter> {
  const charColumns = new WeakMap<object, readonly number[]>();
  // Prisma's adapter accepts only a pool. This pool never opens a connection, because only its `query` is called.
  const pool = new pg.Pool();
  const query = async (config: pg.QueryArrayConfig): Promise<pg.QueryArrayResult> => {
    const result = await client.query(config);
    // A script of several statements returns a list of results, which is not used.
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
    // The adapter does not support "char", and the engine requires it for the catalogues.
    queryRaw: async (sql: Parameters<SqlDriverAdapter['queryRaw']>[0]) => {
      const result = await queryRaw.call(adapter, sql);
      for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    },
    // The adapter splits scripts at every semicolon, even in strings and functions; PostgreSQL accepts whole scripts.
    executeScript: async (sql: string) => {
      await adapter.executeRaw({ sql, args: [], argTypes: [] });
    },
  });
}
