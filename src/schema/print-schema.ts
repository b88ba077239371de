import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { printedSchema } from './schema.ts';

// `npm run schema` writes schema.graphql; with `--check` it only compares the file with the code.
const file = fileURLToPath(new URL('../../schema.graphql', import.meta.url));
const printed = printedSchema();

if (process.argv.includes('--check')) {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== printed) {
    process.stderr.write('schema.graphql is not what the code prints: run `npm run schema`.\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, printed);
}
