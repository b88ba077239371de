import { expect, it } from '@jest/globals';
import type { Person } from '../../support/app.ts';
import { allSaved, openPreferences, saveCategory, withMails } from '../support/preferences.ts';
import { describeElements, type Stage } from '../support/stage.ts';

const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

describeElements(
  'quiet hours, time zone and language',
  (stage: Stage) => {
    const stored = (person: Person) =>
      stage.ask(
        person,
        `{ quiet_hours { timezone windows { days from until } breakthrough held_until }
           viewer { user { timezone language } } }`,
      );

    it('quiet hours are stored when they are switched on and changed, and removed when they are switched off', async () => {
      await saveCategory(stage, { key: 'alarms', name: 'Alarms', default_channels: ['inbox', 'smtp'] });
      const person = await stage.aUser();
      const { element, control, becomes } = await openPreferences(stage, person);
      const quiet = control('Quiet hours');

      await quiet.click();
      await becomes(quiet, true);
      await element.getByLabel('From').fill('21:30');
      await allSaved(element);
      await control('Sunday').click();
      await becomes(control('Sunday'), false);
      await control('Alarms').click();
      await becomes(control('Alarms'), true);

      const days = everyDay.slice(0, 6);
      expect(await stored(person)).toMatchObject({
        quiet_hours: { windows: [{ days, from: '21:30', until: '07:00' }], breakthrough: ['alarms'] },
      });
      await quiet.click();
      await becomes(quiet, false);
      expect(await stored(person)).toMatchObject({ quiet_hours: null });
      await quiet.click();
      await becomes(control('Sunday'), false);
      expect(await stored(person)).toMatchObject({ quiet_hours: { windows: [{ days, from: '21:30' }] } });
    });

    it('the page says until when messages are held now', async () => {
      const person = await stage.aUser();
      const hour = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 13)}:00`;
      await stage.ask(person, 'mutation ($data: quiet_hours_input) { update_quiet_hours(data: $data) { timezone } }', {
        data: { windows: [{ days: everyDay, from: hour(-2), until: hour(3) }] },
      });

      const { element } = await openPreferences(stage, person, { timezoneId: 'UTC' });

      await element.getByText(/E-mails and webhooks are held now, until/).waitFor();
      await element.getByLabel('Workspace Deleted, E-mail: Default. Why?').click();
      await element.getByText(/it would be held by this channel until/).waitFor();
      await element.getByText('Your quiet hours are on now.').waitFor();
    });

    it('a time zone is searched and stored, and that of the browser is offered', async () => {
      const person = await stage.aUser();
      const { element, page } = await openPreferences(stage, person, { timezoneId: 'Asia/Tokyo' });
      const zone = element.getByRole('combobox', { name: 'Time zone' });

      await zone.click();
      await zone.fill('buenos');
      await element
        .getByRole('option', { name: /Buenos Aires/ })
        .first()
        .click();
      await allSaved(element);
      expect(JSON.stringify(await stored(person))).toContain('Buenos_Aires');

      await zone.fill('nowhere');
      await element.getByText('No time zone matches.').waitFor();
      await page.keyboard.press('Escape');
      await element.getByRole('button', { name: 'Use Asia / Tokyo' }).click();
      await element.getByRole('button', { name: 'Use Asia / Tokyo' }).waitFor({ state: 'detached' });
      await allSaved(element);
      expect(await stored(person)).toMatchObject({ viewer: { user: { timezone: 'Asia/Tokyo' } } });
    });

    it('a language is stored and can be removed again', async () => {
      const person = await stage.aUser();
      const { element } = await openPreferences(stage, person);
      const language = element.getByRole('combobox', { name: 'Language' });

      await language.selectOption('fr');
      await allSaved(element);
      expect(await stored(person)).toMatchObject({ viewer: { user: { language: 'fr' } } });
      await language.selectOption('');
      await allSaved(element);
      expect(await stored(person)).toMatchObject({ viewer: { user: { language: null } } });
    });

    it('what another tab changed is shown when the page is looked at again', async () => {
      const person = await stage.aUser();
      const first = await openPreferences(stage, person);
      const second = await first.device.open('<tidings-preferences></tidings-preferences>');
      await second.bringToFront();
      await second.getByLabel('Workspace Deleted: Inbox', { exact: true }).click();
      await allSaved(second);

      // Too soon after the last read, a return is no reason to read again.
      const isOff = () =>
        first
          .control('Workspace Deleted: Inbox')
          .isChecked()
          .then((isOn) => !isOn);
      const until = Date.now() + 30_000;
      while (!(await isOff()) && Date.now() < until) {
        await first.page.evaluate("dispatchEvent(new Event('focus'))");
        await first.page.waitForTimeout(200);
      }
      expect(await isOff()).toBe(true);
    });
  },
  withMails,
);
