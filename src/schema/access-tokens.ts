import type { Scope } from '../auth/viewer.ts';
import {
  type CreatedToken,
  createAccessToken,
  type ListedToken,
  listAccessTokens,
  revokeAccessToken,
} from '../tokens/access-tokens.ts';
import { type RevokedSessions, revokeUserSessions } from '../tokens/revoke-sessions.ts';
import { builder } from './builder.ts';
import { DeleteOne } from './deletions.ts';

export const TokenScope = builder.enumType('token_scope', {
  description: 'What a token may be limited to. A scope never adds to what the role of the user allows.',
  values: {
    inbox: { description: 'The own inbox: read it, follow it, mark as read, archive.' },
    preferences: { description: 'The own preferences, `language` and `email_notifications`.' },
    send: { description: 'Send notifications and retry deliveries.' },
    read_log: { description: 'Read the delivery log and the metrics.' },
    templates: { description: 'Change templates.' },
    users: {
      description:
        'Read, create, change and delete users, except passwords, roles and `token`; create and revoke their tokens, within the own scopes.',
    },
    admin: { description: 'Everything that the role of the user allows.' },
  } satisfies Record<Scope, object>,
});

const AccessToken = builder.objectRef<ListedToken & Partial<CreatedToken>>('access_tokens').implement({
  description: 'A bearer token of a user. Its text is not stored.',
  fields: (t) => ({
    id: t.exposeID('id'),
    user_id: t.exposeID('user_id'),
    name: t.exposeString('name', { description: '`static`: the one that the field `token` of the user sets.' }),
    scopes: t.field({
      type: [TokenScope],
      nullable: true,
      description: 'What it is limited to; null: everything that the role of the user allows.',
      resolve: ({ scopes: limits }) => limits && [...limits],
    }),
    token: t.exposeString('token', { nullable: true, description: 'Its text, only where it was created; else null.' }),
    created_at: t.field({ type: 'Date', resolve: ({ created_at }) => created_at.toISOString() }),
    last_used_at: t.field({
      type: 'Date',
      nullable: true,
      description: 'To the minute; null if it was never used.',
      resolve: ({ last_used_at }) => last_used_at?.toISOString(),
    }),
    expires_at: t.field({
      type: 'Date',
      nullable: true,
      description: 'Null: it does not expire.',
      resolve: ({ expires_at }) => expires_at?.toISOString(),
    }),
  }),
});

const RevokedSessionsType = builder.objectRef<RevokedSessions>('revoked_sessions').implement({
  description: 'The user whose signed tokens were revoked.',
  fields: (t) => ({
    user_id: t.exposeID('user_id'),
    revoked_at: t.field({
      type: 'Date',
      description: 'Tokens issued before are refused.',
      resolve: ({ revoked_at }) => revoked_at.toISOString(),
    }),
  }),
});

const CreateInput = builder.inputType('create_access_token_input', {
  fields: (t) => ({
    user: t.id({ description: 'The id of the user, or `me`. Default: `me`.' }),
    name: t.string({ required: true, description: 'At most 64 characters; a user has one token of a name.' }),
    scopes: t.field({
      type: [TokenScope],
      description: 'What it is limited to. Default: everything that the role of the user allows.',
    }),
    expires_at: t.field({ type: 'Date', description: 'A time to come; null or not given: it does not expire.' }),
  }),
});

builder.queryField('access_tokens', (t) =>
  t.field({
    type: [AccessToken],
    description: 'The tokens of a user, by name; admins may ask for those of others.',
    args: { user: t.arg.id({ defaultValue: 'me', description: 'The id of a user, or `me`.' }) },
    resolve: (_root, { user }, context) => listAccessTokens(context, user ?? 'me'),
  }),
);

builder.mutationFields((t) => ({
  create_access_token: t.field({
    type: AccessToken,
    description:
      'Creates a further token of a user, with a random text that only this answer has; for admins. A token with scopes cannot create one with others.',
    args: { data: t.arg({ type: CreateInput, required: true }) },
    resolve: (_root, { data: { user, name, scopes: limits, expires_at } }, context) =>
      createAccessToken(context, {
        user: user ?? 'me',
        name,
        scopes: limits,
        expires_at: expires_at ? new Date(expires_at) : null,
      }),
  }),
  revoke_access_token: t.field({
    type: DeleteOne,
    description: 'Revokes a token: one’s own, or for admins any. What was opened with it is closed.',
    args: { id: t.arg.id({ required: true, description: 'The id of the token.' }) },
    resolve: async (_root, { id }, context) => ({ id: await revokeAccessToken(context, id) }),
  }),
  revoke_user_sessions: t.field({
    type: RevokedSessionsType,
    description:
      'Revokes every signed token of a user that was issued before now: one’s own, or for admins anybody’s. What was opened with it is closed. Access tokens stay.',
    args: { user: t.arg.id({ required: true, description: 'The id of the user, or `me`.' }) },
    resolve: (_root, { user }, context) => revokeUserSessions(context, user),
  }),
  delete_access_token: t.field({
    type: DeleteOne,
    deprecationReason: 'Use `revoke_access_token`.',
    description: 'Revokes a token: one’s own, or for admins any. What was opened with it is closed.',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => ({ id: await revokeAccessToken(context, id) }),
  }),
}));
