import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Writes a generated file. With `--check` among the arguments of the process it only compares the file, and sets the
 * exit code when it differs.
 * @param name the path of the file from the root of the repository
 * @param script the script of package.json that writes it
 */
export async function writePrinted(name: string, script: string, printed: string): Promise<void> {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (!process.argv.includes('--check')) return writeFile(file, printed);
  const stored = await readFile(file, 'utf8').catch(() => '');
  if (stored === printed) return;
  process.stderr.write(`${name} is out of date: run \`npm run ${script}\`.\n`);
  process.exitCode = 1;
}
