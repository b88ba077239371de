import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const client = new URL('../../packages/client/src/index.ts', import.meta.url).href;
const names = new Set(['tidings/client', '@tidings/client']);

/**
 * Resolves the names of the client to its sources, because its build may not exist.
 * @type {import('node:module').ResolveHook}
 */
export async function resolve(specifier, context, next) {
  return names.has(specifier) ? { url: client, shortCircuit: true } : next(specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
