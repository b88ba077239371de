import { readSettings, type Settings } from '../settings/read.ts';
import { updateSettings } from '../settings/write.ts';
import { builder } from './builder.ts';

const NotificationSettings = builder
  .objectRef<{ readonly settings: Settings; readonly changed: boolean }>('notification_settings')
  .implement({
    description: 'What holds for the whole deployment.',
    fields: (t) => ({
      notifier_paused: t.boolean({
        description: 'While true, nothing is sent; what is to be sent waits.',
        resolve: ({ settings }) => settings.notifier_paused,
      }),
      changed: t.boolean({
        description: 'After a write: whether it changed anything.',
        resolve: ({ changed }) => changed,
      }),
    }),
  });

const SettingsInput = builder.inputType('notification_settings_input', {
  fields: (t) => ({ notifier_paused: t.boolean({ required: true }) }),
});

builder.queryField('notification_settings', (t) =>
  t.field({
    type: NotificationSettings,
    resolve: async (_root, _args, context) => ({ settings: await readSettings(context), changed: false }),
  }),
);

builder.mutationField('update_notification_settings', (t) =>
  t.field({
    type: NotificationSettings,
    description: 'Stores the settings; a change is for admins.',
    args: { data: t.arg({ type: SettingsInput, required: true }) },
    resolve: async (_root, { data }, context) => {
      const change = await updateSettings(context, data);
      // Messages queued during the pause should not wait for the next poll.
      if (change.changed && !change.settings.notifier_paused) context.dispatch.wake();
      return change;
    },
  }),
);
