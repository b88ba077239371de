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

/**
 * The services of a round by name. The order alternates, because the first one finds the machine in another state.
 * @template Service
 * @param {Readonly<Record<string, Service>>} services
 * @param {number} round
 * @returns {[string, Service][]}
 */
export function turns(services, round) {
  const entries = Object.entries(services);
  return round % 2 === 0 ? entries : entries.reverse();
}

/** Options of services that are compared: connections enough for each, and few enough for all. */
export const compared = { DATABASE_POOL_SIZE: '5' };

/**
 * Starts several processes of a service: V8 compiles the same code differently in each, which changes the CPU time of a
 * request by several percent.
 * @param {number} processes
 * @param {() => Promise<import('./processes.mjs').Measured>} start
 */
export async function startSeveral(processes, start) {
  const started = [];
  for (let index = 0; index < processes; index++) started.push(await start());
  return started;
}

/**
 * The median CPU time of a request of a case, in milliseconds, by the name of each service. The services take turns, and
 * so do the processes of each.
 * @param {import('./cases.mjs').Case} one
 * @param {Readonly<Record<string, readonly import('./processes.mjs').Measured[]>>} services
 * @param {{ rounds: number, amount: number, warmUpAmount: number }} how numbers of rounds, and of requests in a round and
 * in the warm-up of a process
 * @param {readonly object[]} [warmUp] the requests of the warm-up; default: those of the case
 * @returns {Promise<Record<string, number>>}
 */
export async function compareCpu(one, services, how, warmUp) {
  return medianCpu(await runInTurns(one, services, how, warmUp));
}

/**
 * The rounds of `compareCpu` by the name of each service.
 * @returns {Promise<Record<string, import('./load.mjs').Figures[]>>}
 */
export async function runInTurns(one, services, { rounds, amount, warmUpAmount }, warmUp = one.service) {
  process.stderr.write(`${one.name} `);
  const runs = Object.fromEntries(Object.keys(services).map((name) => [name, []]));
  for (const measured of Object.values(services).flat()) await load(measured, warmUp, undefined, warmUpAmount);
  for (let round = 0; round < rounds; round++) {
    for (const [name, processes] of turns(services, round))
      runs[name].push(await load(processes[round % processes.length], one.service, undefined, amount));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  return runs;
}

/** The medians of rounds, in milliseconds of CPU time of a request, by the name of each service. */
export function medianCpu(runs) {
  return Object.fromEntries(Object.entries(runs).map(([name, figures]) => [name, median(figures).cpuMs]));
}
