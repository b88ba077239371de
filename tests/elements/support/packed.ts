import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { compileScript, parse } from 'vue/compiler-sfc';
import { temporaryFolder } from '../../support/server.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
/** What an application installs beside the packages, or they install themselves; it is not asked of a registry. */
const linked = [
  'lit',
  '@lit/react',
  'graphql-ws',
  'marked',
  'react',
  'react-dom',
  'vue',
  '@types/react',
  '@types/react-dom',
];

/** A folder of an application that has installed `@tidings/client` and `@tidings/inbox` as `npm pack` makes them. */
export interface Application {
  readonly path: string;
  /** Writes source files, by name. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Bundles a file for browsers; returns the files by name. */
  bundle(entry: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Runs a module in Node; returns what it prints. */
  run(file: string): Promise<string>;
  /** Compiles the files with these options; returns the errors. */
  check(options: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function anApplication(): Promise<Application> {
  const { path, remove } = await temporaryFolder();
  const modules = join(path, 'node_modules');
  await run(process.execPath, [join(root, 'packages/inbox/build.mjs')]);
  for (const name of ['client', 'inbox']) await install(name, path, modules);
  for (const name of linked) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(path, 'package.json'), '{ "type": "module" }');
  return {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    },
    async bundle(entry) {
      const { outputFiles } = await build({
        absWorkingDir: path,
        entryPoints: [entry],
        outdir: 'out',
        bundle: true,
        splitting: true,
        format: 'esm',
        jsx: 'automatic',
        jsxDev: true,
        write: false,
        logLevel: 'silent',
        plugins: [vueFiles],
      });
      return new Map(outputFiles.map(({ path: file, contents }) => [file.slice(join(path, 'out/').length), contents]));
    },
    async run(file) {
      const { stdout } = await run(process.execPath, [file], { cwd: path });
      return stdout;
    },
    async check(options) {
      const compiler = join(root, 'node_modules/typescript-cli/bin/tsc');
      const { stdout } = await run(process.execPath, [compiler, ...options], { cwd: path }).catch(
        (failed: { readonly stdout: string }) => failed,
      );
      return stdout;
    },
    remove,
  };
}

/** Unpacks what `npm pack` makes of a package, which is built. */
async function install(name: string, path: string, modules: string): Promise<void> {
  const source = join(root, 'packages', name);
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', path], { cwd: source });
  const tarball = (await readdir(path)).find((file) => file.startsWith(`tidings-${name}-`));
  if (tarball === undefined) throw new Error(`npm pack made no tarball of ${name}.`);
  const target = join(modules, '@tidings', name);
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', join(path, tarball), '-C', target, '--strip-components', '1']);
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
