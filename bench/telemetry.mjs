import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cases } from './cases.mjs';
import { print, table } from './report.mjs';
import { assertReplaced, compareCpu, compared, startSeveral } from './turns.mjs';
import { replaced } from './without-metrics.mjs';

const rounds = 10;
/** Processes of each service. */
const processes = 3;
/** Numbers of requests in a round and in the warm-up, in which V8 compiles the service, however busy the machine is. */
const amount = 4_000;
const warmUpAmount = 20_000;
/** The most that metrics and spans may add to a request. */
const most = 0.05;
const defaultNames = ['graphql-list-member', 'rest-list-member', 'graphql-create-one'];

/**
 * What metrics and spans add to a request: services without metrics, with metrics, and with metrics and spans take turns.
 * @param {(environment: Record<string, string>, nodeOptions?: readonly string[]) => Promise<import('./processes.mjs').Measured>} start
 *   starts a service on the same store
 * @param {readonly string[]} names of the cases to measure; default: three
 */
export async function benchTelemetry(start, names) {
  const chosen = names.length === 0 ? defaultNames : names;
  await assertReplaced('without-metrics.mjs', replaced);
  const collector = await startCollector();
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const several = (environment, nodeOptions) =>
    startSeveral(processes, () => start({ ...compared, ...environment }, nodeOptions));
  const services = {
    off: await several({}, ['--import', new URL('without-metrics.mjs', import.meta.url).href]),
    metrics: await several({}),
    spans: await several(traced),
    all: await several({ ...traced, OTEL_TRACES_SAMPLER: 'parentbased_always_on' }),
  };
  try {
    const rows = [];
    for (const one of cases.filter(({ name }) => chosen.includes(name))) {
      rows.push(await measure(one, services));
      // On a busy machine a case takes minutes.
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
    print(
      `Metrics and spans: medians of ${rounds} rounds of ${amount} requests, in turn, of ${processes} processes each; \`spans\` are`,
    );
    print(
      `those of a tenth of the traces, as by default, \`all\` those of every trace. Bytes received by the collector: ${collector.bytes()}.\n`,
    );
    table(['case', 'off, CPU ms', 'metrics', 'added', 'and spans', 'added', 'at most', 'and all spans', 'added'], rows);
  } finally {
    collector.stop();
  }
}

async function measure(one, services) {
  const cpuMs = await compareCpu(one, services, { rounds, amount, warmUpAmount }, halfSampled(one.service));
  const added = (name) => cpuMs[name] / cpuMs.off - 1;
  const percent = (name) => `${(added(name) * 100).toFixed(1)} %`;
  return [
    one.name,
    cpuMs.off.toFixed(4),
    cpuMs.metrics.toFixed(4),
    percent('metrics'),
    cpuMs.spans.toFixed(4),
    percent('spans'),
    added('spans') <= most ? '5 %' : '**5 %**',
    cpuMs.all.toFixed(4),
    percent('all'),
  ];
}

/**
 * Every second request says that its trace is recorded. With only a tenth of the requests, V8 would not compile the code
 * that makes and sends spans before the measurement, and a service that runs for hours has it compiled.
 */
function halfSampled(requests) {
  return requests.map((request, index) => {
    if (index % 2 === 0) return request;
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    return { ...request, headers: { ...request.headers, traceparent } };
  });
}

/** Accepts everything, as a collector on the same machine does. */
async function startCollector() {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (chunk) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    bytes: () => bytes,
    stop: () => server.close().closeAllConnections(),
  };
}
