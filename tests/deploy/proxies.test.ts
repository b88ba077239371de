import { execFile, execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/server.ts';

const file = (name: string) => fileURLToPath(new URL(`../../deploy/proxy/${name}`, import.meta.url));

/** Whether the program can be run; if not, prints that its test is skipped. */
function has(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`There is no ${program}: its configuration is not checked.\n`);
    return false;
  }
}

const nginx = has('nginx', '-v');
const caddy = has('caddy', 'version');

describe('the configuration of a proxy', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  (nginx ? it : it.skip)('nginx accepts its configuration', async () => {
    // The lines of the certificate are removed, because it does not exist here.
    const server = (await readFile(file('nginx.conf'), 'utf8'))
      .replace(/^ *ssl_certificate.*\n/gm, '')
      .replace(/443 ssl/g, '443');
    const whole = join(folder.path, 'nginx.conf');
    const own = `pid ${folder.path}/pid; error_log stderr; events {} http { access_log off; ${server} }`;
    await writeFile(whole, own);

    const { stderr } = await promisify(execFile)('nginx', ['-t', '-p', folder.path, '-c', whole]);

    expect(stderr).toContain('test is successful');
  });

  (caddy ? it : it.skip)('Caddy accepts its configuration, and `caddy fmt` would not change it', async () => {
    const env = { ...process.env, HOME: folder.path };
    await promisify(execFile)('caddy', ['validate', '--adapter', 'caddyfile', '--config', file('Caddyfile')], { env });

    const { stdout } = await promisify(execFile)('caddy', ['fmt', file('Caddyfile')], { env });

    expect(stdout).toBe(await readFile(file('Caddyfile'), 'utf8'));
  });
});
