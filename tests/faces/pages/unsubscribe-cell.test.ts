import { describe, expect, it } from '@jest/globals';
import { readUnsubscribeKey, signUnsubscription } from '../../../src/preferences/unsubscribe-token.ts';
import { templateIds } from '../../../src/templates/model.ts';
import { createUsers } from '../../../src/users/write.ts';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const oneClick = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'List-Unsubscribe=One-Click',
} as const;
const template = templateIds.custom;
/** Off by default. */
const created = '281fdf73-c6d6-4cbb-8ff5-888baf8a2fff';
const undoButton = '<form method="post" action="?undo">';
let made = 0;

describe('the unsubscribe link of an e-mail and the cell of preferences that it names', () => {
  const app = useTestApp({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
  const asAdmin = async (operation: string, variables?: Readonly<Record<string, unknown>>) =>
    (await graphql(app(), app().people.admin, operation, variables)).body.data;
  const newUser = async () => {
    const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ username: `cell-reader-${++made}` }]);
    return id;
  };
  const linkFor = async (userId: string, templateId: string | null) => {
    const key = await readUnsubscribeKey(app().db.prisma);
    const path = `/unsubscribe/${signUnsubscription(key, { userId, templateId, channel: 'smtp' })}`;
    const post = async (more = '') => (await send(app(), path + more, oneClick)).body;
    return { post, undo: () => post('?undo'), get: async () => (await send(app(), path)).body };
  };
  const explained = async (user: string, id: string = template) => {
    const { explain } = await asAdmin(`{ explain(user: "${user}", template: "${id}") { channel verdict rule } }`);
    return Object.fromEntries(
      explain.map(({ channel, verdict, rule }: Record<string, string>) => [channel, `${verdict}: ${rule}`]),
    );
  };
  const choose = (user: string, ...data: readonly object[]) =>
    asAdmin(
      'mutation ($user: ID, $data: [notification_choice_input!]!) { update_choices(user: $user, data: $data) { on } }',
      { user, data },
    );

  it('stops the e-mails of the template and leaves the inbox, and can be undone', async () => {
    const user = await newUser();
    const link = await linkFor(user, template);

    for (let round = 0; round < 2; round += 1) {
      const page = await link.post();
      expect(page).toContain('You no longer get e-mails of the kind');
      expect(page).toContain(undoButton);
    }
    expect(await explained(user)).toMatchObject({ smtp: 'left_out: unsubscribed', inbox: 'sends: template_default' });
    expect(await link.undo()).toContain('You are subscribed again');
    expect(await explained(user)).toMatchObject({ smtp: 'sends: template_default' });
    expect(await link.get()).toContain('Unsubscribe?');
  });

  it('undoing brings back the choice by which a template that is off by default was on', async () => {
    const user = await newUser();
    await choose(user, { template: created, channel: 'smtp', choice: 'on' });
    const link = await linkFor(user, created);

    await link.post();
    expect(await explained(user, created)).toMatchObject({ smtp: 'left_out: unsubscribed' });
    await link.undo();
    expect(await explained(user, created)).toMatchObject({ smtp: 'sends: choice_template_channel' });
  });

  it('what the user switched off otherwise stays off', async () => {
    const user = await newUser();
    const link = await linkFor(user, template);
    for (const choice of [{ template }, { channel: 'smtp' }, { template, channel: 'smtp' }]) {
      await choose(user, { ...choice, choice: 'off' });
      const before = await explained(user);

      expect(await link.post()).not.toContain(undoButton);
      expect(await link.undo()).toContain('You are unsubscribed');
      expect(await explained(user)).toEqual(before);
      await choose(user, { ...choice, choice: 'inherit' });
    }
    await link.post();
    await choose(user, { template, channel: 'smtp', choice: 'off' });
    expect(await link.get()).not.toContain(undoButton);
    expect(await explained(user)).toMatchObject({ smtp: 'left_out: choice_template_channel' });
  });

  it('e-mails that are required cannot be unsubscribed from', async () => {
    const user = await newUser();
    const category = { key: 'legal', name: 'Legal', default_channels: ['smtp'], required_channels: ['smtp'] };
    const save = (templates: readonly string[]) =>
      asAdmin('mutation ($data: category_input!) { save_category(data: $data) { key } }', {
        data: { ...category, templates },
      });
    await save([template]);
    const link = await linkFor(user, template);

    expect(await link.get()).toContain('These e-mails are required');
    expect(await link.post()).toContain('These e-mails are required');
    await save([]);
    expect(await explained(user)).toMatchObject({ smtp: 'sends: template_default' });
  });

  it('e-mails without a template are switched on again by undo, but not when the user switched them off', async () => {
    const user = await newUser();
    const link = await linkFor(user, null);
    const setSwitch = (isOn: boolean) =>
      asAdmin(`mutation { update_users_item(id: "${user}", data: { email_notifications: ${isOn} }) { id } }`);
    const isOn = async () => (await asAdmin(`{ users_by_id(id: "${user}") { email_notifications } }`)).users_by_id;

    expect(await link.post()).toContain(undoButton);
    expect(await link.undo()).toContain('You are subscribed again');
    expect(await isOn()).toEqual({ email_notifications: true });

    await link.post();
    await setSwitch(true);
    await setSwitch(false);
    expect(await link.undo()).toContain('You are unsubscribed');
    expect(await link.post()).not.toContain(undoButton);
    expect(await isOn()).toEqual({ email_notifications: false });
  });
});
