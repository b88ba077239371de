import { describe, expect, it } from '@jest/globals';
import { createUsers } from '../../src/users/write.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const app = useTestApp({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
const deleted = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
const dormant = '0ea69165-ec14-4314-91f1-69566ac3c5a0';
let made = 0;

const ask = async (person: Person, operation: string, variables?: Readonly<Record<string, unknown>>) =>
  (await graphql(app(), person, operation, variables)).body;
const asAdmin = (operation: string, variables?: Readonly<Record<string, unknown>>) =>
  ask(app().people.admin, operation, variables);
const newUser = async () => {
  const [id = ''] = await createUsers(app().contextOf(app().people.admin), [
    { username: `chooser-${++made}`, email: `chooser-${made}@example.com` },
  ]);
  return id;
};
const saveCategory = async (data: object) =>
  asAdmin(
    `mutation ($data: category_input!) { save_category(data: $data) {
       key name description required_channels default_channels hidden } }`,
    { data },
  );
const choose = (user: string, data: readonly object[]) =>
  asAdmin(
    `mutation ($user: ID, $data: [notification_choice_input!]!) { update_choices(user: $user, data: $data) {
       category { key } template { id } channel on locked because } }`,
    { user, data },
  );
const explain = async (user: string, template = deleted, more = '') => {
  const { data } = await asAdmin(
    `{ explain(user: "${user}", template: "${template}" ${more}) {
       channel verdict rule until steps { rule passed source } } }`,
  );
  return data.explain;
};
const rulesOf = (explanations: readonly { channel: string; verdict: string; rule: string }[]) =>
  Object.fromEntries(explanations.map(({ channel, verdict, rule }) => [channel, `${verdict}: ${rule}`]));

describe('save_category', () => {
  it('a category is created, changed field by field, and read with its templates', async () => {
    const first = await saveCategory({ key: 'work', name: 'Work', default_channels: ['inbox', 'inbox'] });
    const second = await saveCategory({ key: 'work', description: 'What happens', hidden: true, templates: [dormant] });
    const third = await saveCategory({ key: 'work', description: null, name: null, templates: [] });

    const work = { key: 'work', name: 'Work', required_channels: [], default_channels: ['inbox'] };
    expect(first.data.save_category).toEqual({ ...work, description: null, hidden: false });
    expect(second.data.save_category).toEqual({ ...work, description: 'What happens', hidden: true });
    expect(third.data.save_category).toEqual({ ...work, description: null, hidden: true });
    const { data } = await asAdmin(
      '{ notification_categories { key } notification_templates { id category { key } } }',
    );
    expect(data.notification_categories).toContainEqual({ key: 'work' });
    expect(data.notification_templates).toContainEqual({ id: dormant, category: null });
  });

  it.each([
    [{ key: 'No Spaces', name: 'x', default_channels: [] }, 'key'],
    [{ key: 'new', default_channels: [] }, 'name'],
    [{ key: 'new', name: ' ', default_channels: [] }, 'name'],
    [{ key: 'new', name: 'New' }, 'default_channels'],
    [{ key: 'new', name: 'New', default_channels: ['pigeon'] }, 'default_channels'],
    [{ key: 'new', name: 'New', default_channels: [], templates: ['x'] }, 'templates'],
    [
      { key: 'new', name: 'New', default_channels: [], templates: ['00000000-0000-4000-8000-000000000000'] },
      'templates',
    ],
  ])('an invalid category is refused with its field: %j', async (data, field) => {
    expect((await saveCategory(data)).errors[0].extensions).toMatchObject({ field });
    const { data: after } = await asAdmin('{ notification_categories { key } }');
    expect(after.notification_categories).not.toContainEqual({ key: 'new' });
  });
});

describe('update_choices', () => {
  it('choices merge, the most specific one counts, and inherit removes one', async () => {
    await saveCategory({ key: 'space', name: 'Space', default_channels: ['inbox', 'smtp'], templates: [deleted] });
    const user = await newUser();
    const cell = async (...data: readonly object[]) => {
      await choose(user, data);
      return rulesOf(await explain(user))['smtp'];
    };

    expect(await cell()).toBe('sends: category_default');
    expect(await cell({ channel: 'smtp', choice: 'off' })).toBe('left_out: choice_channel');
    expect(await cell({ category: 'space', choice: 'on' })).toBe('sends: choice_category');
    expect(await cell({ category: 'space', channel: 'smtp', choice: 'off' })).toBe('left_out: choice_category_channel');
    expect(await cell({ template: deleted, choice: 'on' })).toBe('sends: choice_template');
    expect(await cell({ template: deleted, channel: 'smtp', choice: 'off' })).toBe('left_out: choice_template_channel');
    expect(await cell({ template: deleted, channel: 'smtp', choice: 'inherit' })).toBe('sends: choice_template');
    expect(
      await cell({ template: deleted, choice: 'inherit' }, { category: 'space', channel: 'smtp', choice: 'inherit' }),
    ).toBe('sends: choice_category');
    await saveCategory({ key: 'space', templates: [] });
  });

  it('a choice for a whole template and the map of templates are one', async () => {
    const user = await newUser();
    const map = async () =>
      (await asAdmin(`{ notification_preferences(user: "${user}") { template_id disabled } }`)).data
        .notification_preferences;

    await choose(user, [{ template: dormant, choice: 'off' }]);
    expect(await map()).toEqual([{ template_id: dormant, disabled: true }]);

    await asAdmin(
      `mutation ($map: JSON!) { update_notification_preferences(user: "${user}", template_disabled_map: $map) { id } }`,
      { map: { [dormant]: false } },
    );
    expect(rulesOf(await explain(user, dormant))['inbox']).toBe('sends: choice_template');

    await choose(user, [{ template: dormant, choice: 'inherit' }]);
    expect(await map()).toEqual([]);
  });

  it.each([
    [{ category: 'nope', choice: 'off' }, 'category'],
    [{ template: 'x', choice: 'off' }, 'template'],
    [{ template: '00000000-0000-4000-8000-000000000000', choice: 'off' }, 'template'],
    [{ channel: 'pigeon', choice: 'off' }, 'channel'],
    [{ choice: 'off' }, 'channel'],
    [{ category: 'space', template: deleted, choice: 'off' }, 'category'],
  ])('of choices with an invalid one none is stored: %j', async (broken, field) => {
    const user = await newUser();

    const { errors } = await choose(user, [{ template: deleted, channel: 'inbox', choice: 'off' }, broken]);

    expect(errors[0].extensions).toMatchObject({ field });
    expect(rulesOf(await explain(user))['inbox']).toBe('sends: template_default');
  });

  it('the later of two choices for one cell wins, and concurrent writes of the same cells all succeed', async () => {
    const user = await newUser();
    const data = ['off', 'on'].flatMap((choice) => [
      { template: deleted, channel: 'smtp', choice },
      { channel: 'inbox', choice },
    ]);

    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => choose(user, n % 2 ? data : data.toReversed())),
    );
    await choose(user, data);

    expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([]);
    expect(rulesOf(await explain(user))).toMatchObject({
      smtp: 'sends: choice_template_channel',
      inbox: 'sends: choice_channel',
    });
  });
});

describe('effective_preferences', () => {
  it('there is a cell for each channel, category and template, locked where no choice counts', async () => {
    await saveCategory({
      ...{ key: 'security', name: 'Security', required_channels: ['smtp'], default_channels: ['inbox', 'smtp'] },
      templates: [dormant],
    });
    await saveCategory({ key: 'secret', name: 'Secret', default_channels: [], hidden: true, templates: [deleted] });
    const user = await newUser();

    const { data } = await choose(user, [{ category: 'security', choice: 'off' }]);

    const cells = data.update_choices;
    const cell = (channel: string, category: string | null, template: string | null) => ({
      ...{ channel, category: category && { key: category }, template: template && { id: template } },
    });
    expect(cells).toContainEqual({
      ...cell('inbox', null, null),
      on: true,
      locked: false,
      because: 'template_default',
    });
    for (const template of [null, dormant]) {
      expect(cells).toContainEqual({
        ...cell('smtp', 'security', template),
        ...{ on: true, locked: true, because: 'category_required' },
      });
      expect(cells).toContainEqual({
        ...cell('inbox', 'security', template),
        ...{ on: false, locked: false, because: 'choice_category' },
      });
    }
    expect(JSON.stringify(cells)).not.toContain(deleted);
    const read = await asAdmin(`{ effective_preferences(user: "${user}") {
      category { key } template { id } channel on locked because } }`);
    expect(read.data.effective_preferences).toEqual(cells);
    for (const key of ['security', 'secret']) await saveCategory({ key, templates: [] });
  });
});

describe('e-mails without a template', () => {
  it('the cell of e-mail without a template follows email_notifications and the choice for the channel', async () => {
    const user = await newUser();
    const mailCell = async (...data: readonly object[]) => {
      const cells: readonly { channel: string; template: unknown; category: unknown; on: boolean; because: string }[] =
        (await choose(user, data)).data.update_choices;
      const found = cells.find(({ channel, template, category }) => channel === 'smtp' && !template && !category);
      return `${found?.on} ${found?.because}`;
    };
    const setSwitch = (isOn: boolean) =>
      asAdmin(`mutation { update_users_item(id: "${user}", data: { email_notifications: ${isOn} }) { id } }`);

    expect(await mailCell()).toBe('true template_default');
    await setSwitch(false);
    expect(await mailCell()).toBe('false email_switch_off');
    await setSwitch(true);
    expect(await mailCell({ channel: 'smtp', choice: 'off' })).toBe('false choice_channel');
    expect(await mailCell({ channel: 'smtp', choice: 'on' })).toBe('true choice_channel');
  });
});

describe('explain', () => {
  it('each channel is explained with its steps, and one channel alone if it is named', async () => {
    const user = await newUser();
    await choose(user, [{ channel: 'smtp', choice: 'off' }]);

    expect(await explain(user, deleted, 'channel: "smtp"')).toEqual([
      {
        ...{ channel: 'smtp', verdict: 'left_out', rule: 'choice_channel', until: null },
        steps: [{ rule: 'choice_channel', passed: false, source: 'the user chose "off"' }],
      },
    ]);
    expect(rulesOf(await explain(user))).toEqual({
      smtp: 'left_out: choice_channel',
      webhook: 'left_out: channel_not_configured',
      inbox: 'sends: template_default',
    });
  });

  it.each([
    ['template: "x"', 'template'],
    [`template: "${deleted}", channel: "pigeon"`, 'channel'],
    [`template: "${deleted}", at: "tomorrow"`, 'at'],
    [`template: "${deleted}", user: "nobody"`, 'user'],
  ])('an invalid question is refused with its argument: %s', async (given, field) => {
    const { errors } = await asAdmin(`{ explain(${given}) { rule } }`);

    expect(errors[0].extensions).toMatchObject({ code: 'FAILED_VALIDATION', field });
  });
});
