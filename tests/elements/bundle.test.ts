import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly scripts: readonly object[];
}
interface Size {
  readonly entry: string;
  readonly first: number;
  readonly later: number;
  readonly budget: number | undefined;
}
const packageFile = (name: string) => new URL(`../../packages/inbox/${name}`, import.meta.url).href;
const {
  bundleElements,
  writeBundle,
}: {
  readonly bundleElements: () => Promise<Bundle>;
  readonly writeBundle: (bundle: Bundle, folder: string) => Promise<void>;
} = await import(packageFile('bundle.mjs'));
const {
  sizesOf,
  checkSizes,
}: { readonly sizesOf: (bundle: Bundle) => readonly Size[]; readonly checkSizes: (sizes: readonly Size[]) => void } =
  await import(packageFile('sizes.mjs'));
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
  const script = (fileName: string, imports: readonly string[], dynamicImports: readonly string[] = []) => ({
    fileName,
    isEntry: ['bell.js', 'inbox.js'].includes(fileName),
    imports,
    dynamicImports,
  });
  const planted = {
    files: new Map([
      ['bell.js', content(100)],
      ['shared-1.js', content(300)],
      ['inbox.js', content(500)],
      ['de-1.js', content(700)],
    ]),
    scripts: [
      script('bell.js', ['shared-1.js'], ['inbox.js']),
      script('shared-1.js', [], ['de-1.js']),
      script('inbox.js', ['shared-1.js']),
      script('de-1.js', []),
    ],
  };

  it('count each file once, and those that are loaded later apart', () => {
    expect(sizesOf(planted)).toEqual([
      { entry: 'bell', first: packed(100) + packed(300), later: packed(500) + packed(700), budget: 12_000 },
      { entry: 'inbox', first: packed(500) + packed(300), later: packed(700), budget: 40_000 },
    ]);
  });

  it('fail the build above a budget only', () => {
    const size = { entry: 'bell', first: 12_000, later: 90_000, budget: 12_000 };

    expect(() => checkSizes([size])).not.toThrow();
    expect(() => checkSizes([{ ...size, first: 12_001 }])).toThrow('Too large: bell.');
  });
});
