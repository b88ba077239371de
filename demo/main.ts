// The program that `npm run demo` runs; see docs/demo.md.
import { createLogger } from '../src/log.ts';
import { readableLog } from '../src/readable-log.ts';
import { StartError } from '../src/start-error.ts';
import { type Demo, startDemo } from './demo.ts';
import { admin, people } from './story/people.ts';

const defaultPort = 8070;
/** Milliseconds in which two signals count as one Ctrl-C: the terminal and npm each send one. */
const sameSignalMs = 100;

const stop = new AbortController();
const hurry = new AbortController();
let lastAt = Number.NEGATIVE_INFINITY;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    const isRepeated = performance.now() - lastAt < sameSignalMs;
    lastAt = performance.now();
    if (isRepeated) return;
    if (stop.signal.aborted) hurry.abort();
    else stop.abort();
  });
}
process.exit(await main());

async function main(): Promise<number> {
  const { stdout, stderr } = process;
  const log = createLogger({ level: 'warn', destination: readableLog(stderr, stderr.hasColors?.() ?? false) });
  try {
    stdout.write('Starting the demo …\n');
    const demo = await startDemo({ port: readPort(process.env['PORT']), log, signal: stop.signal });
    stdout.write(welcome(demo));
    await aborted(stop.signal);
    stdout.write('\nStopping …\n');
    await demo.stop(hurry.signal);
    return 0;
  } catch (error) {
    if (error === stop.signal.reason) return 0;
    stderr.write(`${error instanceof StartError ? error.message : String((error as Error).stack)}\n`);
    return 1;
  }
}

/** @throws StartError if the text is no port, or the last one: the viewer needs the port after it */
function readPort(text = ''): number {
  const port = text.trim() === '' ? defaultPort : Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_535) return port;
  throw new StartError('PORT: must be a whole number from 0 to 65534');
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', resolve);
  });
}

function welcome({ serviceUrl, viewerUrl }: Demo): string {
  const tokens = [...people.map(({ username, token }) => [username, token] as const), ['admin', admin.token] as const];
  const [{ token }] = people;
  return `
  Mails and webhooks  ${viewerUrl}
  Start page          ${serviceUrl}
  GraphiQL            ${serviceUrl}/graphql/system
  API reference       ${serviceUrl}/docs

Tokens:
${tokens.map(([name, text]) => `  ${name.padEnd(6)} ${text}`).join('\n')}

Ada's inbox:
  curl -H 'Authorization: Bearer ${token}' '${serviceUrl}/notifications?limit=3&sort=-timestamp'

A new notification arrives every few seconds. Ctrl-C stops the demo and deletes its data.
`;
}
