// Writes dist/elements: the web components, which the service serves below /elements. Part of `npm run generate`, as the
// tests and the demo read them as well.
import { fileURLToPath } from 'node:url';
import { bundleElements, writeBundle } from '../packages/inbox/bundle.mjs';

await writeBundle(await bundleElements(), fileURLToPath(new URL('../dist/elements', import.meta.url)));
