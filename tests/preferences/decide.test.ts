import { describe, expect, it } from '@jest/globals';
import {
  type ChannelFacts,
  decide,
  type StoredChoice,
  type TemplateFacts,
  type UserFacts,
  undecidedUser,
} from '../../src/preferences/decide.ts';
import { weekdays } from '../../src/preferences/quiet-hours.ts';
import { templateIds } from '../../src/templates/model.ts';

const noon = new Date('2026-06-10T12:00:00Z');
const template = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
const alerts = { key: 'alerts', required_channels: ['inbox'], default_channels: ['inbox', 'webhook'] };
const plain: TemplateFacts = { id: template, enabled_by_default: true, category: null };
const ofAlerts: TemplateFacts = { ...plain, category: alerts };
const smtp: ChannelFacts = { name: 'smtp', route: 'open' };
const inbox: ChannelFacts = { name: 'inbox', route: 'open' };

const choice = (more: Partial<StoredChoice>): StoredChoice => ({
  category: null,
  template: null,
  channel: null,
  is_on: false,
  ...more,
});
const allDay = { windows: [{ days: weekdays, from: '08:00', until: '20:00' }], breakthrough: [] };
const evening = new Date('2026-06-10T20:00:00Z');

/** From the least specific to the most specific, each against the one before. */
const levels = [
  ['choice_channel', { choices: [choice({ channel: 'smtp' })] }],
  ['choice_category', { choices: [choice({ category: 'alerts' })] }],
  ['choice_category_channel', { choices: [choice({ category: 'alerts', channel: 'smtp' })] }],
  ['choice_template', { template_choice: 'off' }],
  ['choice_template_channel', { choices: [choice({ template, channel: 'smtp' })] }],
] as const satisfies readonly (readonly [string, Partial<UserFacts>])[];

const cases: readonly (readonly [
  title: string,
  Partial<UserFacts>,
  TemplateFacts | null,
  ChannelFacts,
  [verdict: string, rule: string, until?: Date],
])[] = [
  ['a message without any choice is sent', {}, plain, smtp, ['sends', 'template_default']],
  [
    'a template that is off by default is left out',
    {},
    { ...plain, enabled_by_default: false },
    smtp,
    ['left_out', 'template_default'],
  ],
  [
    'a default channel of a category is used',
    {},
    ofAlerts,
    { ...smtp, name: 'webhook' },
    ['sends', 'category_default'],
  ],
  ['another channel of a category is not', {}, ofAlerts, smtp, ['left_out', 'category_default']],
  [
    'a default channel does not switch on a template that is off by default',
    {},
    { ...ofAlerts, enabled_by_default: false },
    { ...smtp, name: 'webhook' },
    ['left_out', 'template_default'],
  ],
  [
    'a required channel beats every choice',
    { template_choice: 'off', choices: [choice({ template, channel: 'inbox' }), choice({ category: 'alerts' })] },
    ofAlerts,
    inbox,
    ['sends', 'category_required'],
  ],
  ['mail to a suspended user is left out', { is_suspended: true }, plain, smtp, ['left_out', 'user_suspended']],
  [
    'the mail about the suspension is sent',
    { is_suspended: true },
    { ...plain, id: templateIds.ownAccountSuspended },
    smtp,
    ['sends', 'template_default'],
  ],
  ['the inbox of a suspended user is filled', { is_suspended: true }, plain, inbox, ['sends', 'template_default']],
  [
    'a channel that is not used says so before anything else',
    { template_choice: 'off', is_suspended: true },
    plain,
    { ...smtp, route: 'closed' },
    ['left_out', 'channel_not_configured'],
  ],
  [
    'a message whose own channel is not configured waits',
    {},
    plain,
    { ...smtp, route: 'waiting' },
    ['holds', 'channel_not_configured'],
  ],
  [
    'an unsubscribed template is left out',
    { template_choice: 'unsubscribed' },
    plain,
    inbox,
    ['left_out', 'unsubscribed'],
  ],
  [
    'the mail about an item of a user without e-mails is left out',
    { email_notifications: false },
    plain,
    { ...smtp, is_item_mail: true },
    ['left_out', 'email_switch_off'],
  ],
  ['that switch is only for items', { email_notifications: false }, plain, smtp, ['sends', 'template_default']],
  ['quiet hours hold mail until their end', { quiet_hours: allDay }, plain, smtp, ['holds', 'quiet_hours', evening]],
  ['quiet hours never hold the inbox', { quiet_hours: allDay }, plain, inbox, ['sends', 'template_default']],
  [
    'quiet hours never hold a passcode',
    { quiet_hours: allDay },
    { ...plain, id: templateIds.oneTimePasscode },
    smtp,
    ['sends', 'template_default'],
  ],
  [
    'a category can break through quiet hours',
    { quiet_hours: { ...allDay, breakthrough: ['alerts'] }, template_choice: 'on' },
    ofAlerts,
    smtp,
    ['sends', 'choice_template'],
  ],
  [
    'what a user switched off is left out, not held',
    { quiet_hours: allDay, template_choice: 'off' },
    plain,
    smtp,
    ['left_out', 'choice_template'],
  ],
  [
    'a message that the user asked for, without a template, is sent at once',
    { choices: [choice({ channel: 'smtp' })], quiet_hours: allDay },
    null,
    smtp,
    ['sends', 'template_default'],
  ],
  ['a pause holds a message', {}, plain, { ...smtp, is_paused: true }, ['holds', 'notifier_paused']],
  [
    'a message without a template follows the choice for its channel',
    { choices: [choice({ channel: 'smtp' })] },
    null,
    { ...smtp, is_item_mail: true },
    ['left_out', 'choice_channel'],
  ],
];

describe('decide', () => {
  it.each(cases)('%s', (_title, user, ofTemplate, channel, [verdict, rule, until = null]) => {
    expect(decide({ ...undecidedUser, ...user }, ofTemplate, channel, noon)).toEqual({ verdict, rule, until });
  });

  it('the most specific of the choices decides, on or off', () => {
    for (const isOn of [true, false]) {
      for (const [index, [rule]] of levels.entries()) {
        const decided = levels
          .slice(0, index + 1)
          .map(([, level], position) => ({ level, on: position === index ? isOn : !isOn }));
        const whole = decided.find(({ level }) => 'template_choice' in level);
        const facts: UserFacts = {
          ...undecidedUser,
          template_choice: whole === undefined ? null : whole.on ? 'on' : 'off',
          choices: decided.flatMap(({ level, on }) =>
            'choices' in level ? level.choices.map((one) => ({ ...one, is_on: on })) : [],
          ),
        };

        expect(decide(facts, ofAlerts, smtp, noon)).toMatchObject({ verdict: isOn ? 'sends' : 'left_out', rule });
      }
    }
  });

  it('a choice for another channel, template or category decides nothing', () => {
    const choices = [
      choice({ channel: 'webhook' }),
      choice({ template: templateIds.custom, channel: 'smtp' }),
      choice({ category: 'news', channel: 'smtp' }),
      choice({ category: 'news' }),
    ];

    expect(decide({ ...undecidedUser, choices }, plain, smtp, noon).rule).toBe('template_default');
  });

  it('each rule that was looked at is a step, and the last one decided', () => {
    const steps: unknown[] = [];
    const user = { ...undecidedUser, choices: [choice({ channel: 'smtp', is_on: true })], quiet_hours: allDay };

    decide(user, plain, smtp, noon, (rule, passed) => steps.push([rule, passed]));

    expect(steps).toEqual([
      ['choice_channel', true],
      ['quiet_hours', false],
    ]);
  });
});
