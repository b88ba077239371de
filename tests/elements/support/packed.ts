import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { compileScript, parse } from 'vue/compiler-sfc';
import { temporaryFolder } from '../../support/server.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
const packages = ['client', 'inbox'] as const;
const frameworks = ['react', 'react-dom', 'vue'] as const;

/** A folder of an application that has installed `@tidings/client` and `@tidings/inbox` as `npm pack` makes them. */
export interface Application {
  readonly path: string;
  /** Writes source files, by name. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Bundles a file for browsers; returns the files by name. */
  bundle(entry: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Compiles a file for Node; what it imports from packages stays as it is. */
  compile(entry: string, output: string): Promise<void>;
  /** Runs a module in Node; returns what it prints. */
  run(file: string): Promise<string>;
  remove(): Promise<void>;
}

export async function anApplication(): Promise<Application> {
  const { path, remove } = await temporaryFolder();
  const modules = join(path, 'node_modules');
  await run(process.execPath, [join(root, 'packages/inbox/build.mjs')]);
  const needed: string[] = [...frameworks];
  for (const name of packages) {
    const target = await install(name, path, modules);
    const { dependencies } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as Manifest;
    needed.push(...Object.keys(dependencies).filter((dependency) => !dependency.startsWith('@tidings/')));
  }
  // No registry is asked for what is installed here.
  for (const name of new Set(needed)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(path, 'package.json'), '{ "type": "module" }');
  const options = {
    absWorkingDir: path,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    jsxDev: true,
    logLevel: 'silent',
    plugins: [vueFiles],
  } as const satisfies BuildOptions;
  return {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    },
    async bundle(entry) {
      const { outputFiles } = await build({
        ...options,
        entryPoints: [entry],
        outdir: 'out',
        splitting: true,
        write: false,
      });
      return new Map(outputFiles.map(({ path: file, contents }) => [file.slice(join(path, 'out/').length), contents]));
    },
    async compile(entry, output) {
      await build({ ...options, entryPoints: [entry], outfile: output, platform: 'node', packages: 'external' });
    },
    async run(file) {
      const { stdout } = await run(process.execPath, [file], { cwd: path });
      return stdout;
    },
    remove,
  };
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Unpacks what `npm pack` makes of a package, which is built. Returns its folder. */
async function install(name: string, path: string, modules: string): Promise<string> {
  const source = join(root, 'packages', name);
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', path], { cwd: source });
  const tarball = (await readdir(path)).find((file) => file.startsWith(`tidings-${name}-`));
  if (tarball === undefined) throw new Error(`npm pack made no tarball of ${name}.`);
  const target = join(modules, '@tidings', name);
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', join(path, tarball), '-C', target, '--strip-components', '1']);
  return target;
}

/** Compiles single-file components. */
const vueFiles: Plugin = {
  name: 'vue-files',
  setup({ onLoad, initialOptions: { absWorkingDir = '' } }) {
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await readFile(path, 'utf8'), { filename: path });
      const { content } = compileScript(descriptor, { id: path.slice(absWorkingDir.length), inlineTemplate: true });
      return { contents: content, loader: 'ts' };
    });
  },
};
