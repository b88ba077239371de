import { expect, it } from '@jest/globals';
import { mintUserToken } from '../../../src/tokens/mint-user-token.ts';
import { explained, openPreferences, templates, withMails } from '../support/preferences.ts';
import { describeElements, type Stage } from '../support/stage.ts';

const html = '<tidings-preferences></tidings-preferences>';

describeElements(
  'preferences in trouble',
  (stage: Stage) => {
    it('a change that cannot be sent is taken back, and words say why', async () => {
      const person = await stage.aUser();
      const { device, control, element } = await openPreferences(stage, person);
      const inbox = control('Workspace Deleted: Inbox');

      await device.setOffline(true);
      await inbox.click();
      await element.getByText('This was not saved, because the service cannot be reached.').first().waitFor();

      expect(await inbox.isChecked()).toBe(true);
      await device.setOffline(false);
      expect(await explained(stage, person, templates.workspaceDeleted)).toMatchObject({
        inbox: 'sends: template_default',
      });
    });

    it('a change that the service refuses is taken back, and words say why', async () => {
      const person = await stage.aUser();
      await stage.ask(
        stage.app.people.admin,
        `mutation { update_users_item(id: "${person.id}", data: { role: "reader" }) { id } }`,
      );
      const { control, element } = await openPreferences(stage, person);
      const inbox = control('Workspace Deleted: Inbox');
      await inbox.click();
      await element.getByText('You may not change this. It is as it was before.').first().waitFor();

      expect(await inbox.isChecked()).toBe(true);
    });

    it('quiet hours of a whole week are refused, and the former ones are shown again', async () => {
      const person = await stage.aUser();
      const { control, becomes, element } = await openPreferences(stage, person);
      await control('Quiet hours').click();
      await becomes(control('Quiet hours'), true);

      await element.getByLabel('Until').fill('22:00');
      await element.getByText('The quiet hours were not saved').first().waitFor();

      expect(await element.getByLabel('Until').inputValue()).toBe('07:00');
    });

    it('a page can forbid a change', async () => {
      const person = await stage.aUser();
      const { control, page } = await openPreferences(stage, person);
      await page.evaluate(`addEventListener('tidings-preferences-change', (event) => {
        globalThis.asked = [...(globalThis.asked ?? []), event.detail];
        event.preventDefault();
      })`);

      const inbox = control('Workspace Deleted: Inbox');
      await inbox.click();
      await inbox.and(page.locator(':checked')).waitFor();

      const choices = [{ template: templates.workspaceDeleted, channel: 'inbox', choice: 'off' }];
      expect(await page.evaluate('globalThis.asked')).toEqual([expect.objectContaining({ kind: 'choices', choices })]);
      expect(await explained(stage, person, templates.workspaceDeleted)).toMatchObject({
        inbox: 'sends: template_default',
      });
    });

    it('without a connection it says so, and shows everything when it is back', async () => {
      const device = await stage.device(await stage.aUser());
      const page = await device.open('<p>Before</p>');
      await page.evaluate("customElements.whenDefined('tidings-preferences').then(() => true)");
      await device.setOffline(true);
      await page.evaluate(`(({ url, token }) => document.body.append(Object.assign(
        document.createElement('tidings-preferences'), { url, token })))(${JSON.stringify({
          url: `${device.service}/graphql/system`,
          token: device.person.token,
        })})`);
      await page.getByText('The service cannot be reached.').waitFor();

      await device.setOffline(false);
      await page.getByLabel('Workspace Deleted: Inbox', { exact: true }).waitFor();
    });

    it('a token that is not valid, or that does not allow it, is said in words', async () => {
      const person = await stage.aUser();
      const context = stage.app.contextOf(stage.app.people.admin);
      const { token } = await mintUserToken(context, { user: person.id, expires_in: 3600, scopes: ['inbox'] });
      const [unknown, limited] = [
        await stage.device({ ...person, token: 'unknown-token-of-nobody' }),
        await stage.device({ ...person, token }),
      ];

      await (await unknown.open(html)).getByText('You are not signed in.').waitFor();
      await (await limited.open(html)).getByText('You may not see these settings.').waitFor();
    });
  },
  withMails,
);
