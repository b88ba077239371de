// Bundles the scripts of the pages for browsers and draws the icons of the web application. Each name contains the hash
// of the content.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { drawIcon } from './draw-icon.mjs';

/** @returns {Promise<ReadonlyMap<string, Uint8Array>>} the files by name; the same sources give the same files */
export async function bundlePages() {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: ['src/app.ts', 'worker/service-worker.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    write: false,
    logLevel: 'warning',
  });
  const icons = [
    ['icon-192', drawIcon({ size: 192 })],
    ['icon-512', drawIcon({ size: 512 })],
    // The system cuts its own shape out of it.
    ['icon-maskable-512', drawIcon({ size: 512, isMaskable: true })],
  ].map(([name, png]) => [`${name}-${hashOf(png)}.png`, png]);
  return new Map([...outputFiles.map(({ path, contents }) => [basename(path), contents]), ...icons]);
}

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase();
