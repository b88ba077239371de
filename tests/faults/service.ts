import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';

/** The service in a separate process; it may fail to start. */
export interface Service {
  readonly child: ChildProcess;
  /** Its output so far: log and errors. */
  readonly said: () => string;
  /** Resolves with the match when the output matches the pattern. @throws Error if the service ends before. */
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
  return follow(child);
}

/** Collects the output of the process; `kill` ends it after the test, if it still runs. */
export function follow(child: ChildProcess, kill = () => void child.kill('SIGKILL')): Service {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      child.emit('said');
    });
  }
  // Both output streams have ended by then.
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
      child.on('said', look);
      void exited.then(() => reject(new Error(`The service ended, and said: ${text}`)));
      look();
    });
  const url = says(/Tidings answers at (\S+)/).then(([, address = '']) => address);
  // Not every test waits for it.
  url.catch(() => undefined);
  return { child, said: () => text, says, url, exited };
}
