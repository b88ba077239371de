// Measures the CPU time of the code that metrics and spans add to a request, without the rest of the service. The lowest
// of many rounds is shown, which is meaningful on a busy machine, too. Run `npm run build` first, then
// `node bench/telemetry-code.mjs`.
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { parse } from 'graphql';
import { Registry } from 'prom-client';
import { measureRequests } from '../dist/faces/shared/request-metrics.js';
import { traceRequests } from '../dist/faces/shared/trace-requests.js';
import { createOperationMetrics } from '../dist/operations/operation-metrics.js';
import { traceOperation } from '../dist/operations/trace-operation.js';
import { startTelemetry } from '../dist/telemetry/start-telemetry.js';
import { print, table } from './report.mjs';

const rounds = 40;
const requests = 2_000;
/** Requests between two turns of the event loop, in which spans are sent: few enough that the queue never overflows. */
const chunk = 100;

const log = { warn: print, info: print };
const routeOptions = { url: '/graphql/system', config: {} };
const { definitions } = parse('query Notifications { notifications { id } }');
const [operation] = definitions;
const rows = Promise.resolve([]);
const prisma = { notification: { query: () => rows } };
const result = { data: {} };

/** The hooks that a part of the server registers. */
function hooksOf(register) {
  const hooks = {};
  register({ addHook: (name, hook) => Object.assign(hooks, { [name]: hook }), decorateRequest: () => undefined });
  return hooks;
}

function response() {
  const raw = Object.assign(new EventEmitter(), { statusCode: 200, headersSent: true, writableFinished: true });
  return Object.assign(raw, { getHeader: () => 'application/json' });
}

const nothing = () => undefined;

async function measure(request) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let count = 0; count < requests; count += chunk) {
      for (let each = 0; each < chunk; each++) await request();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / requests);
  }
  return least;
}

/** The work that every variant does; it is subtracted from theirs. */
async function bare() {
  const raw = response();
  await prisma.notification.query();
  raw.emit('close');
}

async function withMetrics() {
  const registry = new Registry();
  const { onResponse } = hooksOf((app) => measureRequests(app, registry));
  const record = createOperationMetrics(registry);
  const plan = { operation, root: { fields: [{ name: 'notifications' }] } };
  return async () => {
    const raw = response();
    const startedAt = performance.now();
    await prisma.notification.query();
    record(plan, result, startedAt);
    onResponse({ method: 'POST', routeOptions }, { raw, elapsedTime: 1 }, nothing);
    raw.emit('close');
  };
}

function withSpans(tracer) {
  const { onRequest } = hooksOf((app) => traceRequests(app, tracer));
  const surroundings = { prisma, now: () => new Date(), limits: {}, viewer: {} };
  return async () => {
    const raw = response();
    const request = { method: 'POST', headers: {}, routeOptions, id: 'a-request', span: undefined };
    onRequest(request, { raw }, nothing);
    const context = { ...surroundings, span: request.span };
    const traced = traceOperation(operation, context, tracer);
    traced?.onPriced(100);
    await (traced?.context ?? context).prisma.notification.query();
    traced?.endWith(result);
    raw.emit('close');
  };
}

const collector = createServer((request, reply) => {
  request.resume().on('end', () => reply.writeHead(200).end());
}).listen(0, '127.0.0.1');
await once(collector, 'listening');
const config = {
  url: `http://127.0.0.1:${collector.address().port}/v1/traces`,
  protocol: 'http/protobuf',
  serviceName: 'tidings',
  ratio: 0.02,
};
const without = await measure(bare);
const lines = [['metrics', await measure(await withMetrics())]];
for (const [name, sampler] of [
  ['spans, no trace recorded', 'parentbased_always_off'],
  ['spans, one of fifty traces', 'parentbased_traceidratio'],
  ['spans, every trace', 'parentbased_always_on'],
]) {
  const tracer = await startTelemetry({ ...config, sampler }, log);
  lines.push([name, await measure(withSpans(tracer))]);
  await tracer.stop(2_000);
}
print(`The code alone, with a collector in the same process: the least of ${rounds} rounds of ${requests} requests.\n`);
table(
  ['a request with one operation and one statement', 'CPU µs'],
  lines.map(([name, microseconds]) => [name, (microseconds - without).toFixed(1)]),
);
process.exit();
