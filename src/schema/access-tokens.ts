import type { Scope } from '../auth/viewer.ts';
import {
  type CreatedToken,
  createAccessToken,
  type ListedToken,
  listAccessTokens,
  revokeAccessToken,
} from '../tokens/access-tokens.ts';
import { type RevokedSessions, revokeUserSessions } from '../tokens/revoke-sessions.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';
import { DeleteOne } from './deletions.ts';
import { returnsSecret } from './takes-no-key.ts';

export const TokenScope = builder.enumType('token_scope', {
  description: 'What a token may be limited to. A scope never adds to what the role of the user allows.',
  values: {
    inbox: { description: 'The user’s own inbox: read it, follow it, mark as read, archive.' },
    preferences: { description: 'The user’s own preferences, `language` and `email_notifications`.' },
    send: { description: 'Send notifications and retry deliveries.' },
    read_log: { description: 'Read the delivery log and the metrics.' },
    templates: { description: 'Change templates.' },
    users: {
      description:
        'Read, create, change and delete users, except passwords, roles and `token`; create and revoke their tokens, but only with scopes that this token has.',
    },
    admin: { description: 'Everything that the role of the user allows.' },
  } satisfies Record<Scope, object>,
});

const AccessToken = builder.objectRef<ListedToken & Partial<CreatedToken>>('access_tokens').implement({
  description: 'A bearer token of a user. Its text is not stored.',
  fields: (t) => ({
    id: t.exposeID('id'),
    user_id: t.exposeID('user_id'),
    name: t.exposeString('name', {
      description: 'Unique among the tokens of the user. The field `token` of the user sets the token named `static`.',
    }),
    scopes: t.field({
      type: [TokenScope],
      nullable: true,
      description: 'The rights that the token is limited to; null if it has all rights of the user’s role.',
      resolve: ({ scopes: limits }) => limits && [...limits],
    }),
    token: t.exposeString('token', {
      nullable: true,
      description: 'The text of the token, only in the answer that creates it; otherwise null.',
    }),
    created_at: t.field({ type: 'Date', resolve: ({ created_at }) => created_at.toISOString() }),
    last_used_at: t.field({
      type: 'Date',
      nullable: true,
      description: 'Accurate to the minute; null if the token was never used.',
      resolve: ({ last_used_at }) => last_used_at?.toISOString(),
    }),
    expires_at: t.field({
      type: 'Date',
      nullable: true,
      description: 'Null if the token does not expire.',
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
      description: 'Signed tokens issued before this time are refused.',
      resolve: ({ revoked_at }) => revoked_at.toISOString(),
    }),
  }),
});

const CreateInput = builder.inputType('create_access_token_input', {
  fields: (t) => ({
    user: t.id({ description: `\`me\`, or ${userKeyRule}. Default: \`me\`.` }),
    name: t.string({ required: true, description: 'At most 64 characters; unique among the tokens of the user.' }),
    scopes: t.field({
      type: [TokenScope],
      description: 'The rights that the token is limited to. Default: all rights of the user’s role.',
    }),
    expires_at: t.field({
      type: 'Date',
      description: 'A time in the future. If it is null or omitted, the token does not expire.',
    }),
  }),
});

builder.queryField('access_tokens', (t) =>
  t.field({
    type: [AccessToken],
    description: 'The tokens of a user, sorted by name. Members may read only their own.',
    args: { user: t.arg.id({ defaultValue: 'me', description: `\`me\`, or ${userKeyRule}.` }) },
    resolve: (_root, { user }, context) => listAccessTokens(context, user ?? 'me'),
  }),
);

builder.mutationFields((t) => ({
  create_access_token: t.field({
    extensions: returnsSecret,
    type: AccessToken,
    description:
      'Creates an additional token for a user. Only this answer contains its random text. Admins only. A token with scopes cannot create a token with other scopes.',
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
    description: 'Revokes a token and closes the connections opened with it. Members may revoke only their own.',
    args: { id: t.arg.id({ required: true, description: 'The id of the token.' }) },
    resolve: async (_root, { id }, context) => ({ id: await revokeAccessToken(context, id) }),
  }),
  revoke_user_sessions: t.field({
    type: RevokedSessionsType,
    description:
      'Revokes all signed tokens of a user that were issued before now, and closes the connections opened with them. Access tokens stay valid. Members may revoke only their own.',
    args: { user: t.arg.id({ required: true, description: `\`me\`, or ${userKeyRule}.` }) },
    resolve: (_root, { user }, context) => revokeUserSessions(context, user),
  }),
  delete_access_token: t.field({
    type: DeleteOne,
    deprecationReason: 'Use `revoke_access_token`.',
    description: 'Revokes a token and closes the connections opened with it. Members may revoke only their own.',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => ({ id: await revokeAccessToken(context, id) }),
  }),
}));
