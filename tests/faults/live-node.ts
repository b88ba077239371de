import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';

/** A running service in a separate process. */
export interface LiveNode {
  readonly url: string;
  /** Kills it like `kill -9` and waits for its end. */
  kill(): Promise<void>;
  /** Stops it normally; does nothing if it has ended. */
  stop(): Promise<void>;
}

/** The log level of the nodes; their logs are printed if it is set. */
const logVariable = 'FAULTS_LOG_LEVEL';

/** Starts `count` nodes on one database; they stop after the test. */
export async function startNodes(
  count: number,
  databaseUrl: string,
  environment?: Readonly<Record<string, string>>,
): Promise<{ readonly nodes: readonly LiveNode[]; readonly urls: readonly string[]; readonly url: string }> {
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(databaseUrl, environment)));
  const urls = nodes.map(({ url }) => url);
  return { nodes, urls, url: urls[0] ?? '' };
}

/** Starts the service on a database, with additional variables; it stops after the test. */
export async function startNode(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<LiveNode> {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const logLevel = process.env[logVariable];
  const child = spawn(process.execPath, ['--import', file('../support/typescript.mjs'), file('live-process.ts')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOST: '127.0.0.1',
      PORT: '0',
      DRAIN_MS: '0',
      LOG_LEVEL: logLevel ?? 'silent',
      DATABASE_URL: databaseUrl,
      ADMIN_EMAIL: 'admin@example.com',
      ADMIN_PASSWORD: 'admin-password',
      ADMIN_TOKEN: adminToken,
      ...environment,
    },
  });
  child.stderr.pipe(process.stderr);
  const exited = once(child, 'exit');
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    if (isOver()) return;
    child.stdin.end();
    await exited;
  };
  afterwards(stop);
  const lines = createInterface(child.stdout);
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /^Tidings answers at (\S+)$/.exec(line)?.[1];
      if (found) resolve(found);
      if (logLevel && line.startsWith('{')) process.stderr.write(`${line}\n`);
    });
    child.once('exit', () => reject(new Error('The node ended before it answered.')));
  });
  return {
    url,
    async kill() {
      if (isOver()) return;
      child.kill('SIGKILL');
      await exited;
    },
    stop,
  };
}
