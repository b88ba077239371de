import type { ListedKey } from '../auth/signed/signing-keys.ts';
import { type MintedToken, mintUserToken } from '../tokens/mint-user-token.ts';
import { listSigningKeys, rotateSigningKeys } from '../tokens/signing-keys.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { TokenScope } from './access-tokens.ts';
import { builder } from './builder.ts';
import { returnsSecret, writesAlone } from './takes-no-key.ts';

const Minted = builder.objectRef<MintedToken>('minted_tokens').implement({
  description: 'A signed token of a user. It is not stored.',
  fields: (t) => ({
    token: t.exposeString('token', { description: 'The token: a JSON Web Token.' }),
    user_id: t.exposeID('user_id'),
    scopes: t.field({
      type: [TokenScope],
      description: 'The rights that the token is limited to.',
      resolve: ({ scopes }) => [...scopes],
    }),
    expires_at: t.field({ type: 'Date', resolve: ({ expires_at }) => expires_at.toISOString() }),
  }),
});

const SigningKey = builder.objectRef<ListedKey>('signing_keys').implement({
  description:
    'A key that signs minted tokens. Only the newest key signs; tokens that any listed key signed are accepted.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The `kid` of the tokens that it signed.' }),
    created_at: t.field({ type: 'Date', resolve: ({ created_at }) => created_at.toISOString() }),
  }),
});

const MintInput = builder.inputType('mint_user_token_input', {
  fields: (t) => ({
    user: t.id({ required: true, description: `\`me\`, or ${userKeyRule}.` }),
    expires_in: t.int({ required: true, description: 'Seconds until the token expires, at most 86400 (a day).' }),
    scopes: t.field({
      type: [TokenScope],
      description: 'The rights that the token is limited to. Default: inbox and preferences.',
    }),
  }),
});

builder.queryField('signing_keys', (t) =>
  t.field({
    type: [SigningKey],
    description: 'The keys that sign minted tokens, newest first, without private parts; for admins and readers.',
    resolve: async (_root, _args, context) => [...(await listSigningKeys(context))],
  }),
);

builder.mutationFields((t) => ({
  mint_user_token: t.field({
    extensions: returnsSecret,
    type: Minted,
    description:
      'Signs a token with which a front end acts for a user, for back ends with the scope `users`. A token with scopes cannot sign a token with other scopes.',
    args: { data: t.arg({ type: MintInput, required: true }) },
    resolve: (_root, { data }, context) => mintUserToken(context, data),
  }),
  rotate_signing_keys: t.field({
    extensions: writesAlone,
    type: [SigningKey],
    description:
      'Creates a new key, which signs from now on, keeps the previous key and removes all older ones: tokens that a removed key signed are refused within a minute. Returns the keys, newest first; for admins.',
    resolve: async (_root, _args, context) => [...(await rotateSigningKeys(context))],
  }),
}));
