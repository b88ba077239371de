import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Floors, faultsOf } from './faults.ts';
import { importsOf } from './imports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let floors: Floors;
let sources: ReadonlyMap<string, string>;

beforeAll(async () => {
  floors = JSON.parse(await readFile(join(root, 'floors.json'), 'utf8'));
  const found = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const read = async (path: string): Promise<[string, string]> => {
    const name = path.slice(join(root, 'src/').length);
    // Generated files are not checked themselves, but imports of them are.
    return [name, name.startsWith('generated/') ? '' : await readFile(path, 'utf8')];
  };
  sources = new Map(await Promise.all(paths.map(read)));
});

/** The faults of src/ with these additional files. */
const faultsWith = (planted: Readonly<Record<string, string>>) =>
  faultsOf(new Map([...sources, ...Object.entries(planted)]), floors);

describe('the floors', () => {
  it('every import of src/ leads to a lower floor', () => {
    expect(faultsOf(sources, floors)).toEqual([]);
  });

  it.each([
    ['a value', "import { createMemoryBus } from '../live/bus/bus.ts'; createMemoryBus();"],
    ['a type', "import type { Bus } from '../live/bus/bus.ts'; export type A = Bus;"],
    ['a type beside values', "import { type Bus } from '../live/bus/bus.ts'; export type A = Bus;"],
    ['effects alone', "import '../live/bus/bus.ts';"],
    ['a re-export', "export { createMemoryBus } from '../live/bus/bus.ts';"],
    ['a re-export of everything', "export * from '../live/bus/bus.ts';"],
    ['a re-export of a type', "export type { Bus } from '../live/bus/bus.ts';"],
    ['import()', "export const a = async () => (await import('../live/bus/bus.ts')).createMemoryBus();"],
    ['import() of a template', 'export const a = () => import(`../live/bus/bus.ts`);'],
    ['an inline type', "export type A = import('../live/bus/bus.ts').Bus;"],
    ['an inline type of a value', "export const a = (b: typeof import('../live/bus/bus.ts')) => b;"],
    ['require', "import bus = require('../live/bus/bus.ts'); export const a = bus;"],
    ['an augmentation', "declare module '../live/bus/bus.ts' { export interface A {} }"],
  ])('an import from a higher floor is refused: %s', (_form, source) => {
    expect(faultsWith({ 'notifications/planted.ts': source })).toEqual([
      'notifications/planted.ts imports live/bus/bus.ts, which is above it',
    ]);
  });

  it('an import() with a computed module is refused', () => {
    expect(() => faultsWith({ 'notifications/planted.ts': 'export const a = (b: string) => import(b);' })).toThrow(
      'an import() must name its module by a string literal',
    );
  });

  it.each([
    ['of one floor', 'templates/planted.ts', '../settings/read.ts', 'which is on the same floor'],
    ['of two faces', 'faces/coder/planted.ts', '../directus/routes.ts', 'which is on the same floor'],
    ['from a face to a noun', 'faces/coder/planted.ts', '../../users/read.ts', 'which it must not reach'],
    ['from a face to Prisma', 'faces/shared/planted.ts', '../../generated/prisma/client.ts', 'which it must not reach'],
    ['into the client', 'schema/planted.ts', '../../packages/client/src/index.ts', 'which has no floor'],
    ['out of src/', 'app.ts', '../tests/support/app.ts', 'which has no floor'],
  ])('an import %s is refused', (_what, from, to, fault) => {
    expect(faultsWith({ [from]: `import '${to}';` })).toContainEqual(expect.stringMatching(new RegExp(`${fault}$`)));
  });

  it('a cycle of types within one folder is refused', () => {
    const planted = {
      'query/one.ts': "import type { Two } from './two.ts'; export interface One { two: Two }",
      'query/two.ts': "export interface Two { one: import('./one.ts').One }",
    };

    expect(faultsWith(planted)).toEqual(['query/one.ts, query/two.ts import each other']);
  });

  it.each(['reports/planted.ts', 'planted.ts', 'faces/planted.ts'])('a file without a floor is refused: %s', (path) => {
    expect(faultsWith({ [path]: '' })).toEqual([`${path} has no floor`]);
  });

  it('a floor that does not exist is refused', () => {
    const longer = { ...floors, floors: [...floors.floors, ['reports']] };

    expect(faultsOf(sources, longer)).toEqual(['floors.json names reports, which is not there']);
  });
});

describe('a package apart from src/', () => {
  it('imports its own files and its dependencies only', async () => {
    for (const folder of floors.apart) {
      const { dependencies, peerDependencies = {} } = JSON.parse(
        await readFile(join(root, folder, 'package.json'), 'utf8'),
      );
      const from = join(root, folder, 'src');
      const found = await readdir(from, { recursive: true, withFileTypes: true });
      const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      expect(files).not.toHaveLength(0);

      const imports = await Promise.all(
        files.map(async (file) =>
          importsOf(await readFile(file, 'utf8')).map((name) =>
            name.startsWith('.') ? join(dirname(file), name) : name,
          ),
        ),
      );
      const foreign = imports.flat().filter((name) => !files.includes(name));
      const needed = Object.keys({ ...dependencies, ...peerDependencies });
      expect([...new Set(foreign.map(packageOf))].filter((name) => !needed.includes(name))).toEqual([]);
    }
  });
});

/** The package of an imported name, such as `@lit/react` of `@lit/react/use-controller.js`. */
const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

describe('npm run floors', () => {
  it('npm run floors updates biome.floors.json after a change of floors.json', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'floors-'));
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [join(root, 'tools/floors.mjs'), folder, ...args]);
    for (const file of ['floors.json', 'biome.floors.json']) await cp(join(root, file), join(folder, file));
    await run('--check');

    const changed = { ...floors, floors: floors.floors.filter((floor) => !floor.includes('deliveries')) };
    await writeFile(join(folder, 'floors.json'), JSON.stringify(changed));
    await expect(run('--check')).rejects.toThrow('biome.floors.json is out of date');
    await run();
    await run('--check');

    await rm(folder, { recursive: true });
  });
});
