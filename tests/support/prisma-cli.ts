import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = createRequire(import.meta.url).resolve('prisma-cli/build/index.js');
const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The output and exit code of a `prisma` command. */
export interface PrismaResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `prisma migrate …` with a folder of migrations, as an operator would. */
export async function prismaMigrate(url: string, folder: string, ...args: string[]): Promise<PrismaResult> {
  const scratch = await mkdtemp(join(tmpdir(), 'tidings-prisma-'));
  try {
    const engine = join(scratch, 'schema-engine');
    const command = [process.execPath, '--import', fileOf('typescript.mjs'), fileOf('prisma-engine.ts')];
    await writeFile(engine, `#!/bin/sh\nexec ${command.map((part) => `'${part}'`).join(' ')} "$@"\n`);
    await chmod(engine, 0o755);
    const config = join(scratch, 'prisma.config.mjs');
    const schema = fileOf('../../prisma/schema.prisma');
    await writeFile(
      config,
      `export default ${JSON.stringify({ schema, migrations: { path: folder }, datasource: { url } })};\n`,
    );
    const child = spawn(process.execPath, [cli, 'migrate', ...args, '--config', config], {
      env: { PATH: process.env['PATH'], CHECKPOINT_DISABLE: '1', NO_COLOR: '1', PRISMA_SCHEMA_ENGINE_BINARY: engine },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
