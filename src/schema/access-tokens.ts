import {
  type CreatedToken,
  createAccessToken,
  type ListedToken,
  listAccessTokens,
  revokeAccessToken,
} from '../users/access-tokens.ts';
import { builder } from './builder.ts';
import { DeleteOne } from './deletions.ts';

const AccessToken = builder.objectRef<ListedToken & Partial<CreatedToken>>('access_tokens').implement({
  description: 'A bearer token of a user. Its text is not stored.',
  fields: (t) => ({
    id: t.exposeID('id'),
    user_id: t.exposeID('user_id'),
    name: t.exposeString('name', { description: '`static`: the one that the field `token` of the user sets.' }),
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

const CreateInput = builder.inputType('create_access_token_input', {
  fields: (t) => ({
    user: t.id({ required: true, description: 'The id of the user.' }),
    name: t.string({ required: true, description: 'At most 64 characters; a user has one token of a name.' }),
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
    description: 'Creates a further token of a user, with a random text that only this answer has; for admins.',
    args: { data: t.arg({ type: CreateInput, required: true }) },
    resolve: (_root, { data: { user, name, expires_at } }, context) =>
      createAccessToken(context, { user, name, expires_at: expires_at ? new Date(expires_at) : null }),
  }),
  delete_access_token: t.field({
    type: DeleteOne,
    description: 'Revokes a token: one’s own, or for admins any. What was opened with it is closed.',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => ({ id: await revokeAccessToken(context, id) }),
  }),
}));
