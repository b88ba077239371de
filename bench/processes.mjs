import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const probe = new URL('probe.mjs', import.meta.url).href;
const stopMs = 15_000;

/**
 * A measured child process that serves HTTP.
 * @typedef {object} Measured
 * @property {string} url
 * @property {() => Promise<{ cpuMs: number, rss: number }>} usage
 * @property {() => Promise<{ rss: number, heap: number }>} collected memory after a garbage collection; needs
 * `--expose-gc`
 * @property {(message: object) => Promise<any>} ask sends a message and waits for the answer
 * @property {() => Promise<void>} stop
 */

/**
 * @param {URL} program
 * @param {Record<string, string>} environment
 * @param {readonly string[]} nodeOptions
 * @returns {Promise<Measured>}
 */
export async function startProcess(program, environment, nodeOptions = []) {
  const child = fork(fileURLToPath(program), [], {
    execArgv: ['--import', probe, ...nodeOptions],
    // The caller's own variables must not change the measurement.
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', DRAIN_MS: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await addressIn(child);
  const gone = once(child, 'exit');
  const ended = gone.then(([code, signal]) => {
    throw new Error(`a measured process ended: ${signal ?? code}`);
  });
  // Prevents an unhandled rejection while no request is pending.
  ended.catch(() => undefined);
  const ask = (message, kind) => Promise.race([answerTo(child, message, kind), ended]);
  return {
    url,
    usage: () => ask('usage', 'usage'),
    collected: () => ask('collect', 'usage'),
    ask: (message) => ask(message, 'answer'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

async function answerTo(child, message, kind) {
  child.send(message);
  for (;;) {
    const [answer] = await once(child, 'message');
    if (answer.kind === kind) return answer;
  }
}

/** Waits until the process prints its address. */
async function addressIn(child) {
  let text = '';
  child.stdout.setEncoding('utf8');
  const found = new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const match = /http:\/\/[\d.]+:\d+/.exec(text);
      if (match) resolve(match[0]);
    });
    child.once('exit', (code) => reject(new Error(`a measured process ended with code ${code}:\n${text}`)));
    child.once('error', reject);
  });
  return found;
}
