import { roles, type UserViewer } from '../auth/viewer.ts';
import { getOwnUser } from '../users/read.ts';
import { TokenScope } from './access-tokens.ts';
import { builder } from './builder.ts';
import { DirectusUser } from './users.ts';

const ViewerRole = builder.enumType('viewer_role', { description: 'What a caller may do.', values: roles });

const ViewerType = builder.objectRef<UserViewer>('viewer').implement({
  description: 'The caller, with the rights of the token that was sent.',
  fields: (t) => ({
    user: t.prismaField({
      type: DirectusUser,
      description: 'The user.',
      resolve: (query, _viewer, _args, context) => getOwnUser(context, query),
    }),
    role: t.field({
      type: ViewerRole,
      description:
        'The role for this request; a token that the application signed may have another role than its user.',
      resolve: ({ role }) => role,
    }),
    scopes: t.field({
      type: [TokenScope],
      nullable: true,
      description: 'The rights that the token is limited to; null: everything that the role allows.',
      resolve: ({ scopes }) => scopes && [...scopes],
    }),
    expires_at: t.field({
      type: 'Date',
      nullable: true,
      description: 'When the token expires; null: it does not expire.',
      resolve: ({ expires_at }) => expires_at?.toISOString(),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: 'The caller; null without a token.',
    resolve: (_root, _args, { viewer }) => (viewer.kind === 'user' ? viewer : null),
  }),
);
