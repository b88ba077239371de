import { channelNames } from '../preferences/channels.ts';
import { choices, updateChoices } from '../preferences/choices.ts';
import { cellsOf, effectivePreferences, type PreferenceCell } from '../preferences/effective.ts';
import { quietUntil, weekdays } from '../preferences/quiet-hours.ts';
import { readQuietHours, type UserQuietHours, updateQuietHours } from '../preferences/quiet-windows.ts';
import { builder } from './builder.ts';
import { loadCategory, NotificationCategory } from './categories.ts';
import { DecisionRuleEnum, userArgument } from './decisions.ts';
import { loadTemplate, NotificationTemplate } from './templates.ts';

const ChoiceEnum = builder.enumType('choice', {
  description: 'A choice of a user; `inherit` removes it, so that the next less specific one applies.',
  values: choices,
});

const ChoiceInput = builder.inputType('notification_choice_input', {
  description:
    'A choice for a category, a template or neither, by one channel or all. The most specific one counts: template and channel, template, category and channel, category, channel.',
  fields: (t) => ({
    category: t.id({ description: 'The key of a category; not together with `template`.' }),
    template: t.id({ description: 'The id of a template.' }),
    channel: t.string({ description: `One of ${channelNames.join(', ')}. Without it the choice is for all of them.` }),
    choice: t.field({ type: ChoiceEnum, required: true, description: 'The choice.' }),
  }),
});

const PreferenceCellType = builder.objectRef<PreferenceCell>('preference_cells').implement({
  description:
    'What a user gets by a channel: of a template, of a category (`template` is null), or of everything else (both are null). E-mails of everything else are those about notifications without a template, which `email_notifications` switches too.',
  fields: (t) => ({
    category: t.field({
      type: NotificationCategory,
      nullable: true,
      description: 'The category, or that of the template.',
      resolve: ({ category }, _args, context) => loadCategory(context, category),
    }),
    template: t.field({
      type: NotificationTemplate,
      nullable: true,
      description: 'The template.',
      resolve: ({ template }, _args, context) => (template === null ? null : loadTemplate(context, template)),
    }),
    channel: t.exposeString('channel', { description: '`smtp`, `webhook` or `inbox`.' }),
    on: t.exposeBoolean('on', { description: 'Whether the user gets it.' }),
    locked: t.exposeBoolean('locked', { description: 'Whether no choice of the user changes it.' }),
    because: t.expose('because', { type: DecisionRuleEnum, description: 'The rule that decided.' }),
  }),
});

const WeekdayEnum = builder.enumType('weekday', { description: 'A day of the week.', values: weekdays });

const QuietWindowType = builder.objectRef<UserQuietHours['windows'][number]>('quiet_windows').implement({
  description: 'A time of each of these days in which a user is not to be disturbed.',
  fields: (t) => ({
    days: t.field({
      type: [WeekdayEnum],
      description: 'The days on which it begins.',
      resolve: ({ days }) => [...days],
    }),
    from: t.exposeString('from', { description: 'The local time of its beginning, such as `22:00`.' }),
    until: t.exposeString('until', {
      description:
        'The local time of its end, which no longer belongs to it; on the next day if it is not later than `from`.',
    }),
  }),
});

const QuietHoursType = builder.objectRef<UserQuietHours>('quiet_hours').implement({
  description: 'When a user is not to be disturbed. E-mails and webhooks wait for the end; the inbox does not.',
  fields: (t) => ({
    timezone: t.exposeString('timezone', { description: 'The time zone of the user, an IANA name.' }),
    windows: t.field({
      type: [QuietWindowType],
      description: 'The windows of the week.',
      resolve: ({ windows }) => [...windows],
    }),
    breakthrough: t.idList({
      description: 'The keys of the categories whose messages are sent all the same.',
      resolve: ({ breakthrough }) => [...breakthrough],
    }),
    held_until: t.field({
      type: 'Date',
      nullable: true,
      description: 'Until when e-mails and webhooks are held now; null: they are not.',
      resolve: ({ timezone, windows }, _args, { now }) => quietUntil(now(), timezone, windows)?.toISOString() ?? null,
    }),
  }),
});

const QuietWindowInput = builder.inputType('quiet_window_input', {
  description: 'A time of each of these days in which a user is not to be disturbed.',
  fields: (t) => ({
    days: t.field({ type: [WeekdayEnum], required: true, description: 'The days on which it begins.' }),
    from: t.string({ required: true, description: 'The local time of its beginning, `HH:MM`.' }),
    until: t.string({
      required: true,
      description: 'The local time of its end, `HH:MM`; on the next day if it is not later than `from`.',
    }),
  }),
});

const QuietHoursInput = builder.inputType('quiet_hours_input', {
  description: 'The quiet hours of a user. At least a minute of the week must remain.',
  fields: (t) => ({
    timezone: t.string({ description: 'Sets the time zone of the user, an IANA name. Default: as it is.' }),
    windows: t.field({ type: [QuietWindowInput], required: true, description: 'The windows, at most 50.' }),
    breakthrough: t.idList({
      description: 'The keys of the categories whose messages are sent all the same. Default: none.',
    }),
  }),
});

builder.queryFields((t) => ({
  effective_preferences: t.field({
    type: [PreferenceCellType],
    description:
      'What a user gets by which channel, and why: cells for each channel, category and template. Hidden categories are left out.',
    args: { user: t.arg.id(userArgument) },
    resolve: (_root, { user }, context) => effectivePreferences(context, user ?? 'me'),
  }),
  quiet_hours: t.field({
    type: QuietHoursType,
    nullable: true,
    description: 'The quiet hours of a user; null if there are none.',
    args: { user: t.arg.id(userArgument) },
    resolve: (_root, { user }, context) => readQuietHours(context, user ?? 'me'),
  }),
}));

builder.mutationFields((t) => ({
  update_choices: t.field({
    type: [PreferenceCellType],
    description:
      'Stores choices of a user, all of them or none, and returns the resulting `effective_preferences`. Other choices stay. A choice for a whole template is the same as one of `update_notification_preferences`.',
    args: {
      data: t.arg({ type: [ChoiceInput], required: true, description: 'The choices.' }),
      user: t.arg.id(userArgument),
    },
    resolve: async (_root, { data, user }, context) => {
      return cellsOf(context, await updateChoices(context, user ?? 'me', data));
    },
  }),
  update_quiet_hours: t.field({
    type: QuietHoursType,
    nullable: true,
    description: 'Replaces the quiet hours of a user; without `data` it removes them.',
    args: {
      data: t.arg({ type: QuietHoursInput, description: 'The quiet hours; null: none.' }),
      user: t.arg.id(userArgument),
    },
    resolve: (_root, { data, user }, context) => updateQuietHours(context, user ?? 'me', data ?? null),
  }),
}));
