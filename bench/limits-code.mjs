// `node bench/limits-code.mjs` (after `npm run build`) measures the code of limits alone, per request: with a limit of the
// user in memory and in Redis, and with the bounds of overload. The machine may be busy: the lowest of many rounds counts.
import { EventEmitter } from 'node:events';
import Fastify from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { policyOf, stateOf } from '../dist/faces/shared/rate-limit-headers.js';
import { refuseOverload } from '../dist/faces/shared/refuse-overload.js';
import { openLimits } from '../dist/rate-limits/open-limits.js';
import { startRedis } from './redis.mjs';

const rounds = 40;
const amount = 2_000;
const concurrency = 16;
const viewer = { kind: 'user', id: '00000000-0000-4000-8000-000000000001' };
const log = pino({ level: 'silent' });
const identity = { current: () => 'bench' };

/** The CPU time of one call, in microseconds: the lowest of the rounds. */
async function microseconds(work) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await work(amount);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / amount);
  }
  return least;
}

async function limited(bus) {
  const config = { userPerMinute: 1_000_000_000, anonymousPerMinute: 0 };
  const { callers, close } = await openLimits(config, { bus, identity, log, count: () => undefined });
  const headers = [];
  async function request() {
    const allowance = callers.allowanceOf(
      viewer,
      () => '127.0.0.1',
      (policy, taken) => headers.push(policyOf(policy), stateOf(policy.name, taken)),
    );
    const refusal = allowance.arrive(1);
    if (refusal instanceof Promise) await refusal;
    allowance.charge(800);
    headers.length = 0;
  }
  const one = async (count) => {
    for (let index = 0; index < count; index++) await request();
  };
  const lowest = await microseconds((count) =>
    Promise.all(Array.from({ length: concurrency }, () => one(count / concurrency))),
  );
  close();
  return lowest;
}

/** The hook of the bounds, without the rest of a request. */
async function bounded() {
  let hook;
  const app = {
    addHook(name, added) {
      if (name === 'onRequest') hook = added;
    },
  };
  const registry = new Registry();
  refuseOverload(
    app,
    { waitingRequests: 5000, eventLoopDelayMs: 1000 },
    { registry, countRefusal() {}, streams: () => 0 },
  );
  const socket = new EventEmitter();
  // The options of a route as Fastify makes them for each request that asks for them.
  const server = Fastify();
  let request;
  server.get('/', (given) => {
    request = given;
    return '';
  });
  await server.inject('/');
  Object.defineProperty(request.raw, 'socket', { value: socket });
  return microseconds((count) => {
    for (let index = 0; index < count; index++) {
      const response = new EventEmitter();
      hook(request, { raw: response }, () => undefined);
      response.emit('close');
    }
  });
}

const redis = await startRedis();
console.log(`bounds of overload: ${(await bounded()).toFixed(2)} µs`);
console.log(`limit in memory: ${(await limited('memory')).toFixed(2)} µs`);
if (redis) console.log(`limit in Redis: ${(await limited(redis.url)).toFixed(2)} µs`);
await redis?.stop();
process.exit();
