import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { shrinkPng } from './shrink-png.ts';

/** Machines draw letters differently, so the pictures of the docs are only replaced when asked for. */
const isUpdate = process.env['UPDATE_PICTURES'] === '1';
const folder = new URL('../../../docs/images/', import.meta.url);

/**
 * With `UPDATE_PICTURES=1`, replaces `docs/images/NAME.png` by a picture of the page. Returns the bytes of that file.
 * @throws Error when the docs have no such picture
 */
export async function takePicture(page: Page, name: string, { fullPage = true } = {}): Promise<number> {
  const file = new URL(`${name}.png`, folder);
  if (isUpdate) {
    await useUsualFont(page);
    await mkdir(folder, { recursive: true });
    await writeFile(file, shrinkPng(await page.screenshot({ fullPage, animations: 'disabled' })));
  }
  return (await stat(file)).size;
}

/** Shows the page in a font like those of most readers, instead of what this machine happens to have. */
async function useUsualFont(page: Page): Promise<void> {
  const theme = createRequire(import.meta.url).resolve('vitepress/package.json');
  const font = await readFile(new URL('dist/client/theme-default/fonts/inter-roman-latin.woff2', `file://${theme}`));
  const source = `url(data:font/woff2;base64,${font.toString('base64')})`;
  await page.addStyleTag({ content: `@font-face{font-family:"Segoe UI";font-weight:100 900;src:${source}}` });
  await page.evaluate(
    'document.fonts.load("16px \\"Segoe UI\\"").then(() => document.fonts.ready).then(() => undefined)',
  );
}
