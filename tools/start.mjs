// What `npm start` runs: builds when `dist` is not a build of the sources that are there, then serves in this process,
// so that signals reach the service and no other process is left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isCurrent } from './stamp.mjs';

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const signals = ['SIGINT', 'SIGTERM'];

if (!isCurrent()) await build();
await import('../dist/main.js');

async function build() {
  if (!existsSync(file('node_modules/typescript-cli')) || !existsSync(file('node_modules/prisma-cli'))) {
    end(
      'dist is not a build of these sources, and the build tools are not installed: run "npm ci && npm run build".',
      1,
    );
  }
  // Standard output is reserved for the service.
  const child = spawn('npm', ['run', '--silent', 'build'], {
    cwd: file(''),
    stdio: ['ignore', 2, 2],
    detached: true,
  });
  let stoppedBy;
  const stop = (signal) => {
    stoppedBy = signal;
    // npm starts other programs, which are in its process group.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  for (const signal of signals) process.on(signal, stop);
  const code = await once(child, 'close').then(
    ([exitCode]) => exitCode,
    () => 1,
  );
  for (const signal of signals) process.off(signal, stop);
  if (stoppedBy !== undefined) process.exit(128 + constants.signals[stoppedBy]);
  if (code !== 0) end('The build failed.', 1);
}

function end(reason, code) {
  process.stderr.write(`${reason}\n`);
  process.exit(code);
}
