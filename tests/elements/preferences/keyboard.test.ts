import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { axeFaults } from '../support/axe.ts';
import { allSaved, explained, openPreferences, templates, withMails } from '../support/preferences.ts';
import { describeElements, type Stage } from '../support/stage.ts';

/** The accessible name of what has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(
    "document.querySelector('tidings-preferences').shadowRoot.activeElement?.getAttribute('aria-label') ?? ''",
  );

async function tabTo(page: Page, name: string): Promise<void> {
  for (let steps = 0; steps < 200; steps += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return;
  }
  throw new Error(`"${name}" is not reached by Tab.`);
}

describeElements(
  'preferences without a mouse',
  (stage: Stage) => {
    it('everything is reached by Tab, switched by Space, and arrows move between cells', async () => {
      const person = await stage.aUser();
      const { page, control, becomes } = await openPreferences(stage, person);

      await tabTo(page, 'Inbox: everything');
      await page.keyboard.press('ArrowRight');
      expect(await focused(page)).toBe('E-mail: everything');
      await tabTo(page, 'Workspace Deleted: Inbox');
      await page.keyboard.press('Space');
      await becomes(control('Workspace Deleted: Inbox'), false);
      await page.keyboard.press('ArrowRight');
      expect(await focused(page)).toBe('Workspace Deleted: E-mail');
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).toBe('Workspace Manual Build Failed: E-mail');

      expect(await explained(stage, person, templates.workspaceDeleted)).toMatchObject({
        inbox: 'left_out: choice_template_channel',
      });
    });

    it('an explanation opens by Enter and closes by Escape, and the focus returns', async () => {
      const person = await stage.aUser();
      const { page, element } = await openPreferences(stage, person);
      const why = 'Workspace Deleted, Inbox: Default. Why?';

      await tabTo(page, why);
      await page.keyboard.press('Enter');
      await element.getByText('it would reach you by this channel at once').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Escape');

      await element.getByText('it would reach you by this channel at once').waitFor({ state: 'detached' });
      expect(await focused(page)).toBe(why);
    });

    it('a time zone is chosen by typing and arrows', async () => {
      const person = await stage.aUser();
      const { page, element } = await openPreferences(stage, person);

      await element.getByRole('combobox', { name: 'Time zone' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.type('lisbon');
      await element.getByRole('option', { name: /Lisbon/ }).waitFor();
      await page.keyboard.press('Enter');
      await allSaved(element);

      const { viewer } = await stage.ask<{ viewer: object }>(person, '{ viewer { user { timezone } } }');
      expect(viewer).toEqual({ user: { timezone: 'Europe/Lisbon' } });
    });

    it.each([
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['right to left', { lang: 'ar', dir: 'rtl' }],
      ['on a phone', { size: 'phone' }],
    ] as const)('axe finds nothing wrong: %s', async (_name, options) => {
      const person = await stage.aUser();
      const { page, element } = await openPreferences(stage, person, options);
      await element.locator('input[part~="quiet-switch"]').click();
      await element.locator('fieldset').first().waitFor();
      await element.locator('button.why').first().click();
      await element.locator('#explanation li').first().waitFor();

      expect(await axeFaults(page)).toEqual([]);
    });
  },
  withMails,
);
