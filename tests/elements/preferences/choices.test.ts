import { expect, it } from '@jest/globals';
import { explained, openPreferences, saveCategory, templates, withMails } from '../support/preferences.ts';
import { describeElements, type Stage } from '../support/stage.ts';

const { workspaceDeleted, workspaceDormant } = templates;

describeElements(
  'the preferences of a user',
  (stage: Stage) => {
    it('a switch changes what explain says, and the reason beside it says whose choice it is', async () => {
      const person = await stage.aUser();
      const { control, becomes, element } = await openPreferences(stage, person);

      const mail = control('Workspace Deleted: E-mail');
      expect(await mail.isChecked()).toBe(true);
      await mail.click();
      await element.locator('[part~=toast]').getByText('Saved', { exact: true }).waitFor();
      await becomes(mail, false);
      await element.getByLabel('Workspace Deleted, E-mail: Your choice. Why?').waitFor();

      expect(await explained(stage, person, workspaceDeleted)).toMatchObject({
        smtp: 'left_out: choice_template_channel',
        inbox: 'sends: template_default',
      });
      await mail.click();
      await becomes(mail, true);
      expect(await explained(stage, person, workspaceDeleted)).toMatchObject({
        smtp: 'sends: choice_template_channel',
      });
    });

    it('the switch of a group changes all of its kinds, and undo brings back what was chosen', async () => {
      const person = await stage.aUser();
      await stage.ask(
        person,
        'mutation ($data: [notification_choice_input!]!) { update_choices(data: $data) { on } }',
        { data: [{ template: workspaceDormant, channel: 'inbox', choice: 'off' }] },
      );
      const { control, becomes, element } = await openPreferences(stage, person);

      const all = control('Inbox: everything in Workspace Events');
      expect(await all.evaluate((box) => (box as { indeterminate?: boolean }).indeterminate)).toBe(true);
      await all.click();
      await becomes(all, true);
      expect(await explained(stage, person, workspaceDormant)).toMatchObject({
        inbox: 'sends: choice_template_channel',
      });

      await element.getByRole('button', { name: 'Undo' }).click();
      await becomes(all, false);
      expect(await explained(stage, person, workspaceDormant)).toMatchObject({
        inbox: 'left_out: choice_template_channel',
      });
      expect(await explained(stage, person, workspaceDeleted)).toMatchObject({ inbox: 'sends: template_default' });
    });

    it('the switch for all e-mails stops each that is not required, also those without a kind', async () => {
      const required = { key: 'security', name: 'Security', default_channels: ['inbox', 'smtp'] };
      await saveCategory(stage, { ...required, required_channels: ['smtp'], templates: [workspaceDormant] });
      const person = await stage.aUser();
      const { control, becomes } = await openPreferences(stage, person);

      const all = control('E-mail: everything');
      expect(await control('Workspace Marked as Dormant: E-mail').isDisabled()).toBe(true);
      expect(await control('Workspace Marked as Dormant: E-mail').isChecked()).toBe(true);
      // Some kinds are off by default, so the first click switches everything on.
      await all.click();
      await becomes(all, true);
      await all.click();
      await becomes(control('Workspace Deleted: E-mail'), false);
      await becomes(control('Other notifications: E-mail'), false);

      expect(await explained(stage, person, workspaceDeleted)).toMatchObject({ smtp: 'left_out: choice_channel' });
      expect(await explained(stage, person, workspaceDormant)).toMatchObject({ smtp: 'sends: category_required' });
      const { users_by_id: user } = await stage.ask<{ users_by_id: object }>(
        stage.app.people.admin,
        `{ users_by_id(id: "${person.id}") { email_notifications } }`,
      );
      expect(user).toEqual({ email_notifications: false });
      await saveCategory(stage, { key: 'security', templates: [] });
    });

    it('a member sees and changes only what is theirs', async () => {
      const [alice, bob] = [await stage.aUser(), await stage.aUser()];
      const ofAlice = await openPreferences(stage, alice);
      await ofAlice.control('Workspace Deleted: Inbox').click();
      await ofAlice.becomes(ofAlice.control('Workspace Deleted: Inbox'), false);

      const ofBob = await openPreferences(stage, bob);

      expect(await ofBob.control('Workspace Deleted: Inbox').isChecked()).toBe(true);
      expect(await explained(stage, bob, workspaceDeleted)).toMatchObject({ inbox: 'sends: template_default' });
    });
  },
  withMails,
);
