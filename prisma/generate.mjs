// Generates the Prisma client and the Pothos types. The client needs no engine, but `prisma generate` would download
// one unless a path is given; any existing file satisfies it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = createRequire(import.meta.url).resolve('prisma-cli/build/index.js');
const root = fileURLToPath(new URL('..', import.meta.url));
const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate', '--no-hints'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'pipe'],
  env: {
    ...process.env,
    // Prisma starts the second generator by its command name.
    PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}`,
    PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(import.meta.url),
    CHECKPOINT_DISABLE: '1',
  },
});
// The output is shown only if the command failed.
if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
process.exit(status ?? 1);
