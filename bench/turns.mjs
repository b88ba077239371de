import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';

/** @throws Error if a replaced file was renamed: both services would then run the same code. */
export async function assertReplaced(loader, replaced) {
  const files = await readdir(new URL('../dist', import.meta.url), { recursive: true });
  const names = new Set(files.map((file) => basename(file)));
  for (const name of Object.keys(replaced)) {
    if (!names.has(name)) throw new Error(`bench/${loader} replaces ${name}, which is not in dist/`);
  }
}

/** The order alternates, because the first service of a round finds the machine in another state. */
export function turns(services, round) {
  const entries = Object.entries(services);
  return round % 2 === 0 ? entries : entries.reverse();
}
