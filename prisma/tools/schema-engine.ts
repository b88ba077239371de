import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type * as Engine from '@prisma/schema-engine-wasm/schema_engine_bg';

/** Prisma's schema engine, compiled to WebAssembly. `prisma migrate` uses the same engine. */
export type SchemaEngine = Engine.SchemaEngine;

// Node has WebAssembly, but its types for version 20 do not declare it.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
  };
};
const require = createRequire(import.meta.url);

/**
 * Starts Prisma's schema engine on a database. Loading it takes a tenth of a second and tens of megabytes, so callers
 * should do it only if they need it.
 * @param schema the text of a Prisma schema; only its `datasource` is used
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

// Loaded once per process, because the engine's module supports only one instance.
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
 * The functions that the engine imports. It never clears its ten-second timer for the advisory lock, which would keep
 * the process alive, so timers are unreferenced here.
 */
function importsOf(bg: typeof Engine): Record<string, unknown> {
  const unreferenced = (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref();
  return Object.fromEntries(
    Object.entries(bg).map(([name, value]) => [name, name.startsWith('__wbg_setTimeout') ? unreferenced : value]),
  );
}
