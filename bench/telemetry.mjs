import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cases } from './cases.mjs';
import { print, table } from './report.mjs';
import { replaced } from './switch-telemetry.mjs';
import { assertReplaced, compared, compareModes, startSeveral } from './turns.mjs';

const rounds = 10;
const processes = 3;
/** Numbers of requests in a round, and in the warm-up of each mode, in which V8 compiles the service. */
const amount = 4_000;
const warmUpAmount = 10_000;
/** The most that metrics and spans may add to a request. */
const most = 0.05;
const defaultNames = ['graphql-list-member', 'rest-list-member', 'graphql-create-one'];
/** The parts that are off, by mode. */
const modes = { off: ['metrics', 'spans'], metrics: ['spans'], spans: [] };
const modesOfAll = { off: modes.off, all: [] };

/**
 * What metrics and spans add to a request: services switch them off and on.
 * @param {(environment: Record<string, string>, nodeOptions?: readonly string[]) => Promise<import('./processes.mjs').Measured>} start
 *   starts a service on the same store
 * @param {readonly string[]} names of the cases to measure; default: three
 */
export async function benchTelemetry(start, names) {
  const chosen = names.length === 0 ? defaultNames : names;
  await assertReplaced('switch-telemetry.mjs', replaced);
  const collector = await startCollector();
  const withSwitches = ['--import', new URL('switch-telemetry.mjs', import.meta.url).href];
  const several = (environment) =>
    startSeveral(processes, () =>
      start({ ...compared, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...environment }, withSwitches),
    );
  const services = {
    usual: await several({}),
    all: await several({ OTEL_TRACES_SAMPLER: 'parentbased_always_on' }),
  };
  try {
    const rows = [];
    for (const one of cases.filter(({ name }) => chosen.includes(name))) {
      rows.push(await measure(one, services));
      // On a busy machine a case takes minutes.
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
    print(
      `Metrics and spans, switched off and on in turn: medians of ${rounds} rounds of ${amount} requests in each of ${processes} processes;`,
    );
    print(
      `\`spans\` are those of one of fifty traces, as by default. Bytes received by the collector: ${collector.bytes()}.\n`,
    );
    table(['case', 'off, CPU ms', 'metrics', 'and spans', 'at most', 'off, CPU ms', 'and all spans'], rows);
  } finally {
    collector.stop();
  }
}

async function measure(one, services) {
  const how = { rounds, amount, warmUpAmount };
  const { off, metrics, spans } = await compareModes(one, services.usual, modes, how, halfSampled(one.service));
  const every = await compareModes(one, services.all, modesOfAll, how);
  const percent = ({ added }) => `${(added * 100).toFixed(1)} %`;
  return [
    one.name,
    off.cpuMs.toFixed(4),
    percent(metrics),
    percent(spans),
    spans.added <= most ? '5 %' : '**5 %**',
    every.off.cpuMs.toFixed(4),
    percent(every.all),
  ];
}

/**
 * Every second request says that its trace is recorded. With only one of fifty requests, V8 would not compile the code
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
