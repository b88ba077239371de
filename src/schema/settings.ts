import { getSettings, toRecord, toSettings } from '../settings/read.ts';
import { updateSettings } from '../settings/write.ts';
import { builder } from './builder.ts';

/** Settings that a write changed. */
const changed = new WeakSet<object>();

const NotificationSettings = builder.prismaObject('Setting', {
  name: 'notification_settings',
  description: 'The settings of the whole deployment.',
  select: { key: true },
  fields: (t) => ({
    notifier_paused: t.boolean({
      description: 'While true, nothing is sent and deliveries stay in the queue.',
      select: { value: true },
      resolve: ({ value }) => toSettings(value).notifier_paused,
    }),
    changed: t.boolean({
      description: 'After a mutation: whether it changed anything.',
      resolve: (record) => changed.has(record),
    }),
  }),
});

const SettingsInput = builder.inputType('notification_settings_input', {
  fields: (t) => ({ notifier_paused: t.boolean({ required: true }) }),
});

builder.queryField('notification_settings', (t) =>
  t.prismaField({
    type: NotificationSettings,
    resolve: (query, _root, _args, context) => getSettings(context, query),
  }),
);

builder.mutationField('update_notification_settings', (t) =>
  t.prismaField({
    type: NotificationSettings,
    description: 'Changes the settings. Admins only.',
    args: { data: t.arg({ type: SettingsInput, required: true }) },
    resolve: async (_query, _root, { data }, context) => {
      const change = await updateSettings(context, data);
      // Messages queued during the pause should not wait for the next poll.
      if (change.changed && !change.settings.notifier_paused) context.dispatch.wake();
      const record = toRecord(change.settings);
      if (change.changed) changed.add(record);
      return record;
    },
  }),
);
