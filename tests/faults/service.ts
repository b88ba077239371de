import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';

/** The service in a separate process; it may fail to start. */
export interface Service {
  readonly child: ChildProcess;
  /** The log and the errors that it has printed so far. */
  readonly output: () => string;
  /** Resolves with the match once the output matches the pattern. @throws Error if the service ends before that. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its URL, once it logs that it listens. */
  readonly url: Promise<string>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts the service with these variables; it is killed after the test if it still runs. */
export function startService(environment: Readonly<Record<string, string>>): Service {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const child = spawn(process.execPath, ['--import', file('../support/typescript.mjs'), file('../../src/main.ts')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_EMAIL: 'admin@example.com',
      ADMIN_PASSWORD: 'admin-password',
      ADMIN_TOKEN: adminToken,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchProcess(child);
}

/** Collects the output of the process; `kill` ends it after the test, if it still runs. */
export function watchProcess(child: ChildProcess, kill = () => void child.kill('SIGKILL')): Service {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      child.emit('output');
    });
  }
  // At `close` both output streams have ended, too.
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  afterwards(async () => {
    kill();
    await exited;
  });
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text);
        if (found) resolve(found);
      };
      child.on('output', look);
      void exited.then(() => reject(new Error(`The service ended with the output: ${text}`)));
      look();
    });
  const url = says(/Tidings answers at (\S+)/).then(([, address = '']) => address);
  // Not every test awaits the URL, and an unhandled rejection would end the run.
  url.catch(() => undefined);
  return { child, output: () => text, says, url, exited };
}
