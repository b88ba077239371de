// Bundles the elements for browsers: the client and Lit are included, and what several entries need is in shared files,
// whose names contain the hash of their content.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minifyTemplates } from './minify-templates.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const client = join(folder, '../client');
const names = ['index', 'bell', 'inbox', 'preferences'];

/** Bundles the sources. The same sources give the same files. */
export async function bundleElements() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: names.map((name) => `src/${name}.ts`).filter((path) => existsSync(join(folder, path))),
    outdir: 'dist/bundle',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    // The notices of the licences stand beside the files, which browsers load without them.
    legalComments: 'external',
    chunkNames: '[name]-[hash]',
    write: false,
    metafile: true,
    logLevel: 'warning',
    plugins: [await clientSources(), minifyTemplates(/\/packages\/inbox\/src\/.*\.ts$/)],
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  return { files, metafile };
}

/**
 * Makes a folder contain exactly these files. A file with the right content is left as it is, and others are renamed
 * into place, so that whoever reads the folder meanwhile reads whole files.
 */
export async function writeBundle({ files }, target) {
  await mkdir(target, { recursive: true });
  for (const [name, content] of files) {
    const path = join(target, name);
    const old = await readFile(path).catch(() => undefined);
    if (old?.equals(content)) continue;
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, content);
    await rename(draft, path);
  }
  for (const name of await readdir(target)) if (!files.has(name)) await rm(join(target, name), { force: true });
}

/** Resolves the exports of the client to its sources, because its build may not exist or be older. */
async function clientSources() {
  const { exports } = JSON.parse(await readFile(join(client, 'package.json'), 'utf8'));
  return {
    name: 'client-sources',
    setup({ onResolve }) {
      onResolve({ filter: /^@tidings\/client(\/|$)/ }, ({ path }) => {
        const built = exports[`.${path.slice('@tidings/client'.length)}`]?.default;
        if (built === undefined) return { errors: [{ text: `@tidings/client does not export ${path}` }] };
        return { path: join(client, built.replace('./dist/', 'src/').replace(/\.js$/, '.ts')), sideEffects: false };
      });
    },
  };
}
