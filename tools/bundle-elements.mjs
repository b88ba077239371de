// Writes dist/elements: the web components, which the service serves below /elements. Part of `npm run generate`, as the
// tests and the demo read them as well. With `--sizes` it prints their sizes and fails where one is over its budget.
import { fileURLToPath } from 'node:url';
import { bundleElements, writeBundle } from '../packages/inbox/bundle.mjs';
import { checkSizes, sizesOf, tableOf } from '../packages/inbox/sizes.mjs';

const bundle = await bundleElements();
await writeBundle(bundle, fileURLToPath(new URL('../dist/elements', import.meta.url)));
if (process.argv.includes('--sizes')) {
  const sizes = sizesOf(bundle);
  checkSizes(sizes);
  process.stdout.write(tableOf(sizes));
}
