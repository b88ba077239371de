import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type * as Engine from '@prisma/schema-engine-wasm/schema_engine_bg';

/** Prisma's schema engine, compiled to WebAssembly: the one behind `prisma migrate`. */
export type SchemaEngine = Engine.SchemaEngine;

// Node has it; its types for version 20 leave it to those of browsers.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
  };
};
const require = createRequire(import.meta.url);

/**
 * Starts Prisma's schema engine on a database. Loading it takes a tenth of a second and some tens of megabytes,
 * so callers first make sure that they need it.
 * `schema` is the text of a Prisma schema, only needed for its `datasource`.
 */
export async function createSchemaEngine(
  schema: string,
  adapter: SqlMigrationAwareDriverAdapterFactory,
): Promise<SchemaEngine> {
  loading ??= load();
  const { SchemaEngine } = await loading;
  return SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
}

// Once per process: the module that comes with the engine can serve one instance of it only.
let loading: Promise<typeof Engine> | undefined;

async function load(): Promise<typeof Engine> {
  const bg: typeof Engine = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const file = join(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'), '..', 'schema_engine_bg.wasm');
  const { instance } = await WebAssembly.instantiate(await readFile(file), { './schema_engine_bg.js': importsOf(bg) });
  bg.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return bg;
}

/**
 * What the engine calls. It gives up on the advisory lock after ten seconds and never clears that timer, which
 * would keep a process alive that has nothing else to do.
 */
function importsOf(bg: typeof Engine): Record<string, unknown> {
  const impatient = (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref();
  return Object.fromEntries(
    Object.entries(bg).map(([name, value]) => [name, name.startsWith('__wbg_setTimeout') ? impatient : value]),
  );
}
