// Builds the package: modules and types for bundlers, the bundle for script tags, and the manifest for editors.
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleElements, writeBundle } from './bundle.mjs';
import { manifestOf } from './manifest.mjs';
import { checkSizes, sizesOf, tableOf } from './sizes.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const compiler = join(folder, '../../node_modules/typescript-cli/bin/tsc');
const compile = (project) => execFileSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });

await rm(join(folder, 'dist'), { recursive: true, force: true });
// The types of the client are read from its build.
compile(join(folder, '../client'));
compile(folder);
const bundle = await bundleElements();
await writeBundle(bundle, join(folder, 'dist/bundle'));
const sizes = sizesOf(bundle);
checkSizes(sizes);
process.stdout.write(tableOf(sizes));

// Importing the modules registers the elements, in Node as in a browser.
await import('./dist/index.js');
const manifest = await manifestOf(join(folder, 'src'), (tagName) => customElements.get(tagName));
await writeFile(join(folder, 'dist/custom-elements.json'), `${JSON.stringify(manifest, null, 2)}\n`);
