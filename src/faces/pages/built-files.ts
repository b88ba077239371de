import { readdir, readFile } from 'node:fs/promises';
import { type Asset, createAsset } from '../shared/assets.ts';

const contentTypes: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  png: 'image/png',
};

/** Whether a name contains the hash of the content, so that the file never changes. */
export const isHashed = (file: string) => /-[0-9A-Za-z]{8}\.(js|png)/.test(file);

/** Reads the files that `npm run generate` wrote into a folder of `dist`, by name. */
export async function readBuiltFiles(name: 'elements' | 'pages'): Promise<ReadonlyMap<string, Asset>> {
  // The path is the same from `src` and from `dist`.
  const folder = new URL(`../../../dist/${name}/`, import.meta.url);
  const assets = new Map<string, Asset>();
  for (const file of await readdir(folder)) {
    const contentType = contentTypes[file.split('.').at(-1) ?? ''];
    if (contentType !== undefined) assets.set(file, createAsset(contentType, await readFile(new URL(file, folder))));
  }
  return assets;
}
