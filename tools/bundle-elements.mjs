// Writes dist/elements: the web components, which the service serves below /elements. Part of `npm run generate`, as the
// tests and the demo read them as well; it does nothing when they are those of the current sources. With `--sizes` it
// prints their sizes and fails where one is over its budget.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprintOf } from './stamp.mjs';

const target = fileURLToPath(new URL('../dist/elements', import.meta.url));
/** A hash of what the files were made from, and their sizes. */
const record = fileURLToPath(new URL('../dist/.elements', import.meta.url));
const fingerprint = fingerprintOf([
  'packages/client/src',
  'packages/client/package.json',
  'packages/inbox/src',
  'packages/inbox/bundle.mjs',
  'packages/inbox/minify-templates.mjs',
  'packages/inbox/sizes.mjs',
  'package-lock.json',
]);

const written = existsSync(record) && existsSync(join(target, 'index.js')) ? JSON.parse(readFileSync(record)) : {};
const sizes = written.fingerprint === fingerprint ? written.sizes : await write();
if (process.argv.includes('--sizes')) {
  const { checkSizes, tableOf } = await import('../packages/inbox/sizes.mjs');
  checkSizes(sizes);
  process.stdout.write(tableOf(sizes));
}

async function write() {
  const { bundleElements, writeBundle } = await import('../packages/inbox/bundle.mjs');
  const { sizesOf } = await import('../packages/inbox/sizes.mjs');
  const bundle = await bundleElements();
  await writeBundle(bundle, target);
  const made = sizesOf(bundle);
  writeFileSync(record, JSON.stringify({ fingerprint, sizes: made }));
  return made;
}
