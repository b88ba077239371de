import { listPreferences } from '../preferences/read.ts';
import { updatePreferences } from '../preferences/write.ts';
import { builder } from './builder.ts';

export const NotificationPreference = builder.prismaObject('Preference', {
  name: 'notification_preferences',
  description: 'What a user chose for one template, for every method of sending.',
  fields: (t) => ({
    id: t.id({
      description: 'Names the choice of this user for this template; opaque.',
      resolve: ({ user_id, template_id }) => `${user_id}:${template_id}`,
    }),
    template_id: t.exposeID('template_id'),
    disabled: t.exposeBoolean('disabled'),
    updated_at: t.field({ type: 'Date', resolve: ({ updated_at }) => updated_at.toISOString() }),
  }),
});

const userArgument = { defaultValue: 'me', description: '`me`, a uuid or a username, whatever its case.' } as const;

builder.queryField('notification_preferences', (t) =>
  t.field({
    type: [NotificationPreference],
    description: 'What a user chose; templates not in it are as their `enabled_by_default` says.',
    args: { user: t.arg.string(userArgument) },
    resolve: (_root, { user }, context) => listPreferences(context, user ?? 'me'),
  }),
);

builder.mutationField('update_notification_preferences', (t) =>
  t.field({
    type: [NotificationPreference],
    description: 'Stores for each template of the map whether it is disabled, and answers everything stored.',
    args: {
      user: t.arg.string(userArgument),
      template_disabled_map: t.arg({ type: 'JSON', required: true, description: 'Template ids to booleans.' }),
    },
    resolve: (_root, { user, template_disabled_map: map }, context) => updatePreferences(context, user ?? 'me', map),
  }),
);
