import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';

/** Concurrent requests: more than the pool has connections, so that the database is never idle. */
export const connections = 16;

const sampleMs = 250;

/**
 * The result of one load of one process.
 * @typedef {{ requests: number, rate: number, p50: number, p99: number, cpuMs: number, rss: number }} Figures
 */

/**
 * Loads one process with these requests, which are divided among the connections.
 * @param {import('./processes.mjs').Measured} measured
 * @param {readonly object[]} requests in the format of autocannon
 * @param {number} [seconds]
 * @param {number} [amount] how many requests to send, instead of how long
 * @returns {Promise<Figures>}
 */
export async function load(measured, requests, seconds, amount) {
  const times = [];
  const clients = Math.min(connections, requests.length);
  let next = 0;
  const sampler = sampleRss(measured);
  const before = await measured.usage();
  const instance = autocannon({
    url: measured.url,
    connections: clients,
    // With `amount`, a slow moment of the machine makes the load longer instead of reducing the number of requests.
    ...(amount === undefined ? { duration: seconds } : { amount }),
    requests: [requests[0]],
    setupClient: (client) => {
      const share = next++ % clients;
      client.setRequests(requests.filter((_request, index) => index % clients === share));
    },
  });
  // The histogram of autocannon has whole milliseconds only.
  instance.on('response', (_client, _status, _bytes, ms) => times.push(ms));
  const result = await instance;
  const after = await measured.usage();
  const rss = await sampler.stop();
  const failures = result.non2xx + result.errors + result.timeouts;
  if (failures > 0) throw new Error(`${failures} of ${result.requests.total} requests failed`);
  return figures(times, { elapsed: result.duration, cpuMs: after.cpuMs - before.cpuMs, rss });
}

/**
 * @param {number[]} times in milliseconds
 * @param {{ elapsed: number, cpuMs: number, rss: number }} spent
 * @returns {Figures}
 */
export function figures(times, { elapsed, cpuMs, rss }) {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    requests: sorted.length,
    rate: sorted.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    cpuMs: cpuMs / sorted.length,
    rss,
  };
}

function sampleRss(measured) {
  let most = 0;
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      const { rss } = await measured.usage();
      most = Math.max(most, rss);
      await delay(sampleMs);
    }
  })();
  // If the process ends, the caller of `load` gets the error.
  sampling.catch(() => undefined);
  return {
    async stop() {
      isOver = true;
      await sampling;
      return most;
    },
  };
}

/**
 * The median of each figure over several runs; for memory, the maximum.
 * @param {readonly Figures[]} runs
 * @returns {Figures}
 */
export function median(runs) {
  const of = (name) => middle(runs.map((run) => run[name]));
  return {
    requests: runs.reduce((sum, run) => sum + run.requests, 0),
    rate: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMs: of('cpuMs'),
    rss: Math.max(...runs.map((run) => run.rss)),
  };
}

/**
 * The median of numbers.
 * @param {readonly number[]} values
 */
export function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
