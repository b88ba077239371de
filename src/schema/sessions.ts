import { type ListedSession, listSessions, revokeSession } from '../tokens/sessions.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';
import { DeleteOne } from './deletions.ts';

const Session = builder.objectRef<ListedSession>('sessions').implement({
  description: 'A sign-in of a user with a password.',
  fields: (t) => ({
    id: t.exposeID('id'),
    user_id: t.exposeID('user_id'),
    created_at: t.field({ type: 'Date', resolve: ({ created_at }) => created_at.toISOString() }),
    last_used_at: t.field({
      type: 'Date',
      description: 'Accurate to the minute.',
      resolve: ({ last_used_at }) => last_used_at.toISOString(),
    }),
    expires_at: t.field({
      type: 'Date',
      description: 'When the sign-in ends unless it is refreshed.',
      resolve: ({ expires_at }) => expires_at.toISOString(),
    }),
    ip: t.exposeString('ip', { nullable: true, description: 'The address of the client that signed in or refreshed.' }),
    user_agent: t.exposeString('user_agent', {
      nullable: true,
      description: 'The `User-Agent` of the client that signed in or refreshed, at most 255 characters.',
    }),
    current: t.boolean({
      description: 'Whether this request was made with this sign-in.',
      resolve: ({ id }, _args, { viewer }) =>
        viewer.kind === 'user' && viewer.credential.kind === 'session' && viewer.credential.id === id,
    }),
  }),
});

builder.queryField('sessions', (t) =>
  t.field({
    type: [Session],
    description:
      'The sign-ins of a user that have not ended, the last used first, at most 100. Members may read only their own.',
    args: { user: t.arg.id({ defaultValue: 'me', description: `\`me\`, or ${userKeyRule}.` }) },
    resolve: (_root, { user }, context) => listSessions(context, user ?? 'me'),
  }),
);

builder.mutationField('revoke_session', (t) =>
  t.field({
    type: DeleteOne,
    description:
      'Ends a sign-in: its tokens are refused, and the connections opened with them close. Members may end only their own.',
    args: { id: t.arg.id({ required: true, description: 'The id of the sign-in.' }) },
    resolve: async (_root, { id }, context) => ({ id: await revokeSession(context, id) }),
  }),
);
