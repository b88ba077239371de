import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const original = '?original';

/** The beginning of a replacement that puts switches around functions of the file it replaces. */
export const switches = `import * as original from 'ORIGINAL';
  import { isOn, withSwitchedHooks } from '${new URL('switch.mjs', import.meta.url).href}';`;

/**
 * Makes a file that is loaded before the service (`--import`) a loader that replaces exports of files of `dist/`.
 * @param {string} file the URL of that file; the thread of the loader imports it again, the benchmark for `replaced`
 * @param {Readonly<Record<string, string>>} replaced the source of the new exports, by file name; it imports the replaced
 * file as `ORIGINAL`
 * @returns {{ load: import('node:module').LoadHook }} to be exported by the file
 */
export function replaceModules(file, replaced) {
  if (isMainThread && process.execArgv.includes(file)) register(file);
  return {
    async load(url, context, next) {
      const name = /\/dist\/(?:.*\/)?([^/]+)$/.exec(url)?.[1];
      if (name === undefined || !Object.hasOwn(replaced, name)) return next(url, context);
      const source = `export * from 'ORIGINAL';\n${replaced[name]}`;
      return { format: 'module', shortCircuit: true, source: source.replaceAll("'ORIGINAL'", `'${url}${original}'`) };
    },
  };
}
