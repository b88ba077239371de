import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { load, middle } from './load.mjs';

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
 * What parts of a service add to a request. Each process is measured in every mode, in turn, so that a mode is compared
 * with another of the same process: V8 compiles the same code differently in each.
 * @param {import('./cases.mjs').Case} one
 * @param {readonly import('./processes.mjs').Measured[]} processes started with a loader that puts switches around the parts
 * @param {Readonly<Record<string, readonly string[]>>} modes the parts that are off, by mode; the others are compared with
 * the first
 * @param {{ rounds: number, amount: number, warmUpAmount: number }} how numbers of rounds, and of requests in a round and
 * in the warm-up of a process
 * @param {readonly object[]} [warmUp] the requests of the warm-up; default: those of the case
 * @returns {Promise<Record<string, { cpuMs: number, added: number }>>} medians of the rounds of all processes; `added` is a
 * share of the first mode in the same round
 */
export async function compareModes(one, processes, modes, { rounds, amount, warmUpAmount }, warmUp = one.service) {
  process.stderr.write(`${one.name} `);
  const runs = Object.fromEntries(Object.keys(modes).map((mode) => [mode, []]));
  for (const measured of processes) {
    for (const switchOff of Object.values(modes).reverse()) {
      await measured.ask({ switchOff });
      await load(measured, warmUp, undefined, warmUpAmount);
    }
    for (let round = 0; round < rounds; round++) {
      for (const [mode, switchOff] of turns(modes, round)) {
        await measured.ask({ switchOff });
        runs[mode].push((await load(measured, one.service, undefined, amount)).cpuMs);
      }
      process.stderr.write('.');
    }
    process.stderr.write(' ');
  }
  process.stderr.write('\n');
  const [first] = Object.values(runs);
  return Object.fromEntries(
    Object.entries(runs).map(([mode, cpuMs]) => [
      mode,
      { cpuMs: middle(cpuMs), added: middle(cpuMs.map((ms, index) => ms / first[index] - 1)) },
    ]),
  );
}
