import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: object;
}
const packageFile = (name: string) => new URL(`../../packages/inbox/${name}`, import.meta.url).href;
const {
  bundleElements,
  writeBundle,
}: {
  readonly bundleElements: () => Promise<Bundle>;
  readonly writeBundle: (bundle: Bundle, folder: string) => Promise<void>;
} = await import(packageFile('bundle.mjs'));
const { sizesOf }: { readonly sizesOf: (bundle: Bundle) => unknown } = await import(packageFile('sizes.mjs'));
const bundle = await bundleElements();

describe('the bundle of the elements', () => {
  it('is the same each time', async () => {
    const again = await bundleElements();

    expect([...again.files.keys()]).toEqual([...bundle.files.keys()]);
    for (const [name, content] of again.files)
      expect(Buffer.compare(content, bundle.files.get(name) ?? content)).toBe(0);
  });

  it('replaces what a folder contains, and leaves alone what is right already', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-bundle-'));
    await writeBundle(bundle, folder);
    const before = await stat(join(folder, 'index.js'));
    await writeFile(join(folder, 'old.js'), '');
    await writeBundle(bundle, folder);

    expect((await readdir(folder)).sort()).toEqual([...bundle.files.keys()].sort());
    expect((await stat(join(folder, 'index.js'))).mtimeMs).toBe(before.mtimeMs);
    expect((await readFile(join(folder, 'index.js'))).equals(bundle.files.get('index.js') ?? Buffer.of())).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('has minified style sheets, whose rules are the same', () => {
    const all = [...bundle.files].filter(([name]) => name.endsWith('.js'));
    const text = Buffer.concat(all.map(([, content]) => content)).toString();

    expect(text).toContain('*{box-sizing:border-box}');
    expect(text).not.toContain('{ box-sizing');
  });
});

describe('the sizes of the elements', () => {
  const content = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * index * 7919) % 251));
  const packed = (length: number) => gzipSync(content(length), { level: 9 }).length;
  const imports = (...names: readonly string[]) =>
    names.map((name) => ({ path: `dist/bundle/${name}`, kind: 'import-statement' }));
  const loads = (...names: readonly string[]) =>
    names.map((name) => ({ path: `dist/bundle/${name}`, kind: 'dynamic-import' }));
  const planted = (bellBytes: number) => ({
    files: new Map([
      ['bell.js', content(bellBytes)],
      ['shared-1.js', content(300)],
      ['inbox.js', content(500)],
      ['de-1.js', content(700)],
    ]),
    metafile: {
      inputs: {},
      outputs: {
        'dist/bundle/bell.js': {
          entryPoint: 'src/bell.ts',
          imports: [...imports('shared-1.js'), ...loads('inbox.js')],
        },
        'dist/bundle/shared-1.js': { imports: loads('de-1.js') },
        'dist/bundle/inbox.js': { entryPoint: 'src/inbox.ts', imports: imports('shared-1.js') },
        'dist/bundle/de-1.js': { entryPoint: 'src/strings/de.ts', imports: [] },
      },
    },
  });

  it('count each file once, and those that are loaded later apart', () => {
    expect(sizesOf(planted(100))).toEqual([
      { entry: 'bell', first: packed(100) + packed(300), later: packed(500) + packed(700), budget: 12_000 },
      { entry: 'inbox', first: packed(500) + packed(300), later: packed(700), budget: 40_000 },
    ]);
  });
});
