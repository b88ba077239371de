import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The exit code and output of a command. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the output matches. @throws Error when the command ends first */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

type Variables = Readonly<Record<string, string>>;
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Starts `tidings` with these arguments in a process of its own, as a shell does. */
export function startCommand(words: readonly string[], env: Variables, cwd = '/'): Running {
  const loader = ['--import', file('../support/typescript.mjs')];
  const child = spawn(process.execPath, [...loader, file('../../src/cli/main.ts'), ...words], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      child.emit('said');
    });
  }
  // `close` comes after both pipes have ended.
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }));
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text.stdout + text.stderr);
        if (found) resolve(found);
      };
      child.on('said', look);
      void ended.then(() => reject(new Error(`The command ended: ${text.stdout}${text.stderr}`)));
      look();
    });
  return { child, ended, says };
}

/** Runs `tidings` to its end. */
export function tidings(words: readonly string[], env: Variables = {}, cwd = '/'): Promise<Ended> {
  return startCommand(words, env, cwd).ended;
}
