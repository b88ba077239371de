import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { describeElements } from './support/stage.ts';

const budgets = [
  { entry: 'bell', shown: '.badge', most: 12_000 },
  // Behind its list it loads the code of menus and keys, before anybody asks for them.
  { entry: 'inbox', shown: '.row', most: 40_000, ahead: /^later-/ },
];

/** The compressed bytes of files of the bundle. */
async function compressed(files: readonly string[]): Promise<number> {
  const sizes = files.map(async (file) => {
    const content = await readFile(new URL(`../../dist/elements/${file}`, import.meta.url));
    return gzipSync(content, { level: 9 }).length;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describeElements('what a page loads of the elements', (stage) => {
  it.each(budgets)('the $entry takes at most $most bytes until it is shown', async ({ entry, shown, most, ahead }) => {
    const alice = await stage.aUser('Your export is ready');
    const device = await stage.device(alice);
    const loaded: string[] = [];
    device.context.on('request', (request) => {
      const [, file] = /\/elements\/(.+)$/.exec(request.url()) ?? [];
      if (file !== undefined) loaded.push(file);
    });

    const page = await device.open(`<tidings-${entry}></tidings-${entry}>`, {
      module: `${device.service}/elements/${entry}.js`,
    });
    await page.locator(shown).first().waitFor();
    // When a change is shown, all that follows the inbox is loaded.
    await stage.notify(alice, 'Live');
    await page
      .locator(shown, { hasText: entry === 'bell' ? '2' : 'Live' })
      .first()
      .waitFor();

    expect(loaded).toContain(`${entry}.js`);
    expect(await compressed(loaded.filter((file) => !ahead?.test(file)))).toBeLessThanOrEqual(most);
  });
});
