import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { load, median } from './load.mjs';

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

/**
 * The median CPU time of a request of a case, in milliseconds, by the name of each service. The services take turns.
 * @param {import('./cases.mjs').Case} one
 * @param {Readonly<Record<string, import('./processes.mjs').Measured>>} services
 * @param {{ rounds: number, amount: number, warmUpAmount: number }} how numbers of rounds, and of requests in a round and
 * in the warm-up
 * @returns {Promise<Record<string, number>>}
 */
export async function compareCpu(one, services, { rounds, amount, warmUpAmount }) {
  process.stderr.write(`${one.name} `);
  const runs = Object.fromEntries(Object.keys(services).map((name) => [name, []]));
  for (const service of Object.values(services)) await load(service, one.service, undefined, warmUpAmount);
  for (let round = 0; round < rounds; round++) {
    for (const [name, service] of turns(services, round))
      runs[name].push(await load(service, one.service, undefined, amount));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  return Object.fromEntries(Object.entries(runs).map(([name, figures]) => [name, median(figures).cpuMs]));
}
