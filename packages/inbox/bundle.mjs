// Bundles the elements for browsers: the client and Lit are included, and what several entries need is in shared files,
// whose names contain the hash of their content.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import { minifyTemplates } from './minify-templates.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const client = join(folder, '../client');
const modules = join(folder, '../../node_modules');
const names = ['bell', 'index', 'inbox', 'preferences'];
const target = 'es2022';

/**
 * Bundles the sources; the same sources give the same files. Returns the files by name, and the modules that are
 * scripts, with their imports.
 */
export async function bundleElements() {
  const bundle = await rollup({
    input: Object.fromEntries(names.map((name) => [name, join(folder, `src/${name}.ts`)])),
    // Else a module in a linked node_modules would have two paths, and be in the bundle twice.
    preserveSymlinks: true,
    plugins: [await resolvePackages(), compile(), minify()],
    // Only the entries of the package do anything when they are imported.
    treeshake: { moduleSideEffects: (path) => !path.startsWith(client) },
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  const { output } = await bundle.generate({
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    hashCharacters: 'base36',
    // An entry already names what it needs first.
    hoistTransitiveImports: false,
  });
  await bundle.close();
  const scripts = output.filter(({ type }) => type === 'chunk');
  const files = new Map(
    output.map(({ fileName, ...file }) => [fileName, Buffer.from(file.type === 'chunk' ? file.code : file.source)]),
  );
  return {
    files,
    scripts: scripts.map(({ fileName, isEntry, imports, dynamicImports }) => ({
      fileName,
      isEntry,
      imports,
      dynamicImports,
    })),
  };
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

/** Finds packages: of the client its sources, because its build may not exist or be older; of others what browsers get. */
async function resolvePackages() {
  const exportsOf = async (path) => JSON.parse(await readFile(join(path, 'package.json'), 'utf8')).exports;
  const ofClient = await exportsOf(client);
  return {
    name: 'resolve-packages',
    async resolveId(specifier) {
      const [, name, rest] = /^((?:@[^/]+\/)?[\w-]+)(.*)$/.exec(specifier) ?? [];
      if (name === undefined) return null;
      const isClient = name === '@tidings/client';
      const exported = (isClient ? ofClient : await exportsOf(join(modules, name)))[`.${rest}`];
      if (exported === undefined) throw new Error(`${name} does not export ${specifier}.`);
      const file = forBrowsers(exported);
      if (!isClient) return join(modules, name, file);
      return join(client, file.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
    },
  };
}

function forBrowsers(exported) {
  if (typeof exported === 'string') return exported;
  return forBrowsers(exported.browser ?? exported.import ?? exported.default);
}

/** Compiles TypeScript. */
function compile() {
  return {
    name: 'compile',
    async load(path) {
      if (!path.endsWith('.ts')) return null;
      const source = await minifyTemplates(await readFile(path, 'utf8'));
      const { code } = await transform(source, { loader: 'ts', target });
      return code;
    },
  };
}

/** Minifies scripts, and writes the notices of the licences into a file of its own, which browsers do not load. */
function minify() {
  const notices = new Set();
  return {
    name: 'minify',
    transform(code, path) {
      if (!path.startsWith(modules)) return;
      for (const [comment] of code.matchAll(/\/\*[\s\S]*?\*\//g)) if (/licen[cs]e/i.test(comment)) notices.add(comment);
    },
    async renderChunk(code) {
      const options = { minify: true, format: 'esm', target, charset: 'utf8', legalComments: 'none' };
      return (await transform(code, options)).code;
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: `${[...notices].sort().join('\n\n')}\n` });
    },
  };
}
