// A Bash session in which the blocks of a page run.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The result of a command. */
export interface Ended {
  readonly code: number;
  /** Its standard output and error output. */
  readonly printed: string;
}

/** A Bash process that keeps its variables from one command to the next. */
export interface Session {
  /** Runs commands until they end. */
  run(text: string): Promise<Ended>;
  /** Starts commands in the background; returns a function that reads their output so far. */
  start(text: string): Promise<() => Promise<string>>;
  /** Ends all processes of the session. */
  end(): Promise<void>;
}

/** Maximum milliseconds that a block may run. */
const limitMs = 90_000;

/** Opens a session. @param folder its working directory; commands and outputs are stored in `.blocks` there */
export function openSession(folder: string, environment: Readonly<Record<string, string>>): Session {
  const child = spawn('bash', ['--norc', '--noprofile'], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // The session has its own process group, so that all its processes can be ended.
    detached: true,
  });
  const closed = once(child, 'close');
  // No process is left when the session ends. It ends when this process dies, too.
  write(child, "trap 'kill -KILL -- -$$' EXIT\n");
  const status = lines(child);
  let count = 0;

  async function store(text: string): Promise<{ readonly script: string; readonly output: string }> {
    count += 1;
    const script = join(folder, '.blocks', `${count}.sh`);
    await writeFile(script, text);
    return { script, output: `${script}.out` };
  }

  return {
    async run(text) {
      const { script, output } = await store(text);
      // A failure in the middle of a text counts. Not 28: curl exits with it at its time limit, by which blocks end streams.
      write(
        child,
        `__failed=0; trap '__code=$?; [ $__code = 28 ] || __failed=$__code' ERR
. '${script}' > '${output}' 2>&1 < /dev/null; trap - ERR; echo $__failed >&3\n`,
      );
      const code = Number(await limited(status.next(), text));
      return { code, printed: await readFile(output, 'utf8') };
    },
    async start(text) {
      const { script, output } = await store(text);
      write(child, `( . '${script}' ) > '${output}' 2>&1 < /dev/null & echo 0 >&3\n`);
      await status.next();
      return () => readFile(output, 'utf8').catch(() => '');
    },
    async end() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await closed;
    },
  };
}

/** @throws Error when a block takes too long */
async function limited<Result>(result: Promise<Result>, text: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`This block does not end:\n${text}`)), limitMs);
  });
  try {
    return await Promise.race([result, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function write(child: ChildProcess, text: string): void {
  (child.stdin as Writable).write(text);
}

/** Reads the lines that the session writes to file descriptor 3. */
function lines(child: ChildProcess): { next(): Promise<string> } {
  const stream = child.stdio[3] as Readable;
  let [text, errors] = ['', ''];
  let ended = false;
  const changed = () => child.emit('changed');
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    changed();
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  child.once('close', () => {
    ended = true;
    changed();
  });
  return {
    async next() {
      while (!text.includes('\n')) {
        if (ended) throw new Error(`The session ended: ${errors}`);
        await once(child, 'changed');
      }
      const end = text.indexOf('\n');
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return line;
    },
  };
}
