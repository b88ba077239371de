import { expect, it } from '@jest/globals';
import { axeFaults } from './support/axe.ts';
import { anInboxPage } from './support/inbox-page.ts';
import { describeElements, type Stage } from './support/stage.ts';

const message =
  '# Title\n\nWith **bold**, `code`, a [link](https://example.com) and\n\n- a list\n\n| a | b |\n|---|---|\n| 1 | 2 |';

describeElements('axe finds nothing wrong', (stage: Stage) => {
  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { size: 'phone' }],
  ] as const)('with the list, a message, a menu, a selection and the keys (%s)', async (_name, options) => {
    const person = await stage.aUser('one', { subject: 'two', message }, 'three');
    const { page, press } = await anInboxPage(stage, person, { ...options, reducedMotion: 'reduce' });
    const faults: (readonly string[])[] = [];
    const check = async () => void faults.push(await axeFaults(page));

    await check();
    await press('j', 's', 'j', 'Enter');
    await page.locator('.prose table').waitFor();
    await check();
    await press('Escape', 'h');
    await page.locator('[role="menuitem"]').first().waitFor();
    await check();
    await press('Escape', 'x');
    await page.locator('.bulk').waitFor();
    await check();
    await press('Escape', '?');
    await page.locator('dialog[open]').waitFor();
    await check();

    expect(faults.flat()).toEqual([]);
  });

  it('from right to left, in the popover, with nothing in it and with a search', async () => {
    const device = await stage.device(await stage.aUser());
    const page = await device.open('<main><tidings-inbox layout="popover"></tidings-inbox></main>', {
      lang: 'ar',
      dir: 'rtl',
    });
    await page.locator('[part~="empty"]', { hasText: 'لا جديد لديك' }).waitFor();
    const faults = [...(await axeFaults(page))];
    await page.locator('[part~="search-button"]').click();
    await page.locator('.search input').fill('nothing');
    await page.locator('[part~="no-matches"]').waitFor();
    faults.push(...(await axeFaults(page)));
    await page.locator('[part~="filter-button"]').click();
    await page.locator('.filter input').first().waitFor();
    faults.push(...(await axeFaults(page)));

    expect(faults).toEqual([]);
  });
});
