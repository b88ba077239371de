// Writes dist/pages: the scripts and icons of the pages, which the service serves below /pages. Part of
// `npm run generate`, as the tests and the demo read them as well.
import { fileURLToPath } from 'node:url';
import { writeBundle } from '../packages/inbox/bundle.mjs';
import { bundlePages } from '../packages/pages/build.mjs';

await writeBundle({ files: await bundlePages() }, fileURLToPath(new URL('../dist/pages', import.meta.url)));
