// Replaces the binary of Prisma's schema engine, which cannot be downloaded everywhere. Prisma's command line starts
// this program and sends it JSON-RPC requests; the same engine, compiled to WebAssembly, answers them.
import { createInterface } from 'node:readline';
import pg from 'pg';
import { adapterOn } from '../../prisma/tools/engine-adapter.ts';
import { createSchemaEngine, type SchemaEngine } from '../../prisma/tools/schema-engine.ts';

interface Request {
  readonly id: number;
  readonly method: keyof SchemaEngine;
  readonly params: unknown;
}

const argumentsGiven = process.argv.slice(2);
const { url } = JSON.parse(argumentsGiven[argumentsGiven.indexOf('--datasource') + 1] ?? '{}');
// The command `cli can-connect-to-database` requires only a connection.
const client = new pg.Client({ connectionString: url });
await client.connect();
if (!argumentsGiven.includes('cli')) {
  const connect = () => adapterOn(client);
  const engine = await createSchemaEngine('datasource db {\n  provider = "postgresql"\n}\n', {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect,
    connectToShadowDb: () => Promise.reject(new Error('There is no second database.')),
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line) as Request;
    const call = engine[method] as (params: unknown) => Promise<unknown>;
    const answer = await call.call(engine, params).then(
      (result) => ({ result: result ?? null }),
      (error: unknown) => ({ error: toError(error) }),
    );
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
  }
}
await client.end();

function toError(error: unknown) {
  const { message, code } = error as { readonly message: string; readonly code?: string };
  return { code: 4466, message, data: { is_panic: false, message, error_code: code, meta: null } };
}
