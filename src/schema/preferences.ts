import { listPreferences } from '../preferences/read.ts';
import { updatePreferences } from '../preferences/write.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';

export const NotificationPreference = builder.prismaObject('Preference', {
  name: 'notification_preferences',
  description: 'A user’s preference for one template; it applies to every method.',
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the preference of this user for this template. Opaque.',
      resolve: ({ user_id, template_id }) => `${user_id}:${template_id}`,
    }),
    template_id: t.exposeID('template_id'),
    disabled: t.exposeBoolean('disabled'),
    updated_at: t.field({ type: 'Date', resolve: ({ updated_at }) => updated_at.toISOString() }),
  }),
});

const userArgument = { defaultValue: 'me', description: `\`me\`, or ${userKeyRule}.` } as const;

builder.queryField('notification_preferences', (t) =>
  t.field({
    type: [NotificationPreference],
    description: 'The stored preferences of a user. For other templates `enabled_by_default` applies.',
    args: { user: t.arg.string(userArgument) },
    resolve: (_root, { user }, context) => listPreferences(context, user ?? 'me'),
  }),
);

builder.mutationField('update_notification_preferences', (t) =>
  t.field({
    type: [NotificationPreference],
    description:
      'Stores for each template in the map whether the user has disabled it, and returns all stored preferences.',
    args: {
      user: t.arg.string(userArgument),
      template_disabled_map: t.arg({
        type: 'JSON',
        required: true,
        description: 'An object of template ids and booleans; true disables the template.',
      }),
    },
    resolve: (_root, { user, template_disabled_map: map }, context) => updatePreferences(context, user ?? 'me', map),
  }),
);
