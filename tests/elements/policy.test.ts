import { expect, it } from '@jest/globals';
import { describeElements } from './support/stage.ts';

const message = 'With **emphasis**, `code`, a [link](https://example.com/) and\n\n- a list';

describeElements('the elements under the strictest content security policy', (stage) => {
  it('a bell opens its inbox, and a message in it, without breaking the policy', async () => {
    const alice = await stage.aUser('one', { subject: 'two', message });
    const device = await stage.device(alice);
    const page = await device.open('<tidings-bell></tidings-bell>');

    await page.locator('.badge', { hasText: '2' }).waitFor();
    await page.locator('tidings-bell .button').first().click();
    await page.locator('tidings-bell tidings-inbox .row', { hasText: 'two' }).click();
    await page.locator('tidings-inbox [part~="message-body"] strong', { hasText: 'emphasis' }).waitFor();
  });

  it('the filters, menus and messages of an inbox open without breaking the policy', async () => {
    const alice = await stage.aUser('one', { subject: 'two', message });
    const device = await stage.device(alice);
    const page = await device.open('<tidings-inbox layout="page"></tidings-inbox>');

    await page.locator('.row', { hasText: 'two' }).waitFor();
    await page.waitForFunction("document.querySelector('tidings-inbox').isReady");
    await page.locator('[part~="filter-button"]').click();
    await page.locator('[part~="filter"]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.row', { hasText: 'one' }).focus();
    await page.keyboard.press('h');
    await page.locator('[role="menuitem"]:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.row', { hasText: 'two' }).click();
    await page.locator('[part~="message-body"] strong').waitFor();
  });

  it('preferences are changed without breaking the policy', async () => {
    const device = await stage.device(await stage.aUser());
    const page = await device.open('<tidings-preferences></tidings-preferences>');

    const first = page.locator('[part~="cell"] [part~="switch"]').first();
    const before = await first.isChecked();
    await first.click();
    // The toast goes away after some seconds; the text for screen readers stays.
    await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();

    expect(await first.isChecked()).toBe(!before);
  });
});
