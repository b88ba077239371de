import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { shrinkPng } from './shrink-png.ts';

/** Machines draw letters differently, so the pictures of the docs are only replaced when asked for. */
const isUpdate = process.env['UPDATE_PICTURES'] === '1';
const folder = new URL('../../../docs/images/', import.meta.url);

/**
 * With `UPDATE_PICTURES=1`, replaces `docs/images/NAME.png` by a picture of the page. Returns the size of that file in
 * bytes.
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
  // A script sets the font, because the content security policy of a page would refuse a style sheet.
  const script = `(async () => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(font.toString('base64'))}), (character) => character.charCodeAt(0));
    document.fonts.add(await new FontFace('Segoe UI', bytes, { weight: '100 900' }).load());
    document.body.style.fontFamily = '"Segoe UI"';
    document.body.style.setProperty('--tidings-font', '"Segoe UI"');
  })()`;
  for (const frame of page.frames()) await frame.evaluate(script);
}
