import { userKeys } from '../auth/signed/issuer.ts';
import { deleteIssuer, type ListedIssuer, listIssuers, saveIssuer } from '../tokens/issuers.ts';
import { TokenScope } from './access-tokens.ts';
import { builder } from './builder.ts';
import { DeleteOne } from './deletions.ts';

const IssuerUserKey = builder.enumType('issuer_user_key', {
  description: 'The user field that a token’s user claim holds.',
  values: userKeys,
});

const describe = {
  issuer: 'The claim `iss` of its tokens.',
  jwks_url: 'The address of its public keys, a JWK Set.',
  audience: 'The claim `aud` of a token must contain one of these.',
  clock_skew: 'Seconds by which the clocks of the issuer and this service may differ.',
  user_claim: 'The claim that names the user.',
  user_key: 'The user field that the user claim holds.',
  name_claim: 'The claim with the first name of a new user.',
  email_claim: 'The claim with the e-mail address of a new user.',
  role_claim:
    'The claim with the role of a request: `admin`, `operator`, `reader` or `member`, or a list of these. Null: every token has the rights of a member.',
  scopes: 'The rights that its tokens are limited to.',
  creates_users: 'Whether a valid token that names an unknown user creates this user.',
} as const;

const Issuer = builder.objectRef<ListedIssuer>('token_issuers').implement({
  description: 'An issuer whose signed tokens are accepted, and how they are read.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: true, description: 'Null for the issuer that the settings configure.' }),
    issuer: t.exposeString('issuer', { description: describe.issuer }),
    jwks_url: t.exposeString('jwks_url', { nullable: true, description: describe.jwks_url }),
    has_secret: t.exposeBoolean('has_secret', { description: 'Whether its tokens are signed with a shared secret.' }),
    audience: t.field({
      type: ['String'],
      description: describe.audience,
      resolve: ({ audience }) => [...audience],
    }),
    clock_skew: t.exposeInt('clock_skew', { description: describe.clock_skew }),
    user_claim: t.exposeString('user_claim', { description: describe.user_claim }),
    user_key: t.field({ type: IssuerUserKey, description: describe.user_key, resolve: ({ user_key }) => user_key }),
    name_claim: t.exposeString('name_claim', { description: describe.name_claim }),
    email_claim: t.exposeString('email_claim', { description: describe.email_claim }),
    role_claim: t.exposeString('role_claim', { nullable: true, description: describe.role_claim }),
    scopes: t.field({
      type: [TokenScope],
      nullable: true,
      description: describe.scopes,
      resolve: ({ scopes }) => scopes && [...scopes],
    }),
    creates_users: t.exposeBoolean('creates_users', { description: describe.creates_users }),
  }),
});

const SaveInput = builder.inputType('save_issuer_input', {
  fields: (t) => ({
    issuer: t.string({ required: true, description: describe.issuer }),
    jwks_url: t.string({ description: `${describe.jwks_url} Either it or \`secret\` is required.` }),
    secret: t.string({
      description: 'The secret that signs its tokens (HS256, HS384, HS512); at least 32 characters.',
    }),
    audience: t.stringList({ required: true, description: describe.audience }),
    clock_skew: t.int({ description: `${describe.clock_skew} Default: 30.` }),
    user_claim: t.string({ description: `${describe.user_claim} Default: \`sub\`.` }),
    user_key: t.field({ type: IssuerUserKey, description: `${describe.user_key} Default: \`external_id\`.` }),
    name_claim: t.string({ description: `${describe.name_claim} Default: \`name\`.` }),
    email_claim: t.string({ description: `${describe.email_claim} Default: \`email\`.` }),
    role_claim: t.string({ description: describe.role_claim }),
    scopes: t.field({ type: [TokenScope], description: `${describe.scopes} Default: inbox and preferences.` }),
    creates_users: t.boolean({ description: `${describe.creates_users} Default: false.` }),
  }),
});

builder.queryField('issuers', (t) =>
  t.field({
    type: [Issuer],
    description:
      'The issuers whose tokens are accepted, first the issuer that the settings configure; for admins and readers.',
    resolve: (_root, _args, context) => listIssuers(context),
  }),
);

builder.mutationFields((t) => ({
  save_issuer: t.field({
    type: Issuer,
    description: 'Stores an issuer, or replaces the one with this `issuer` as a whole; for admins.',
    args: { data: t.arg({ type: SaveInput, required: true }) },
    resolve: (_root, { data }, context) => saveIssuer(context, data),
  }),
  delete_issuer: t.field({
    type: DeleteOne,
    description: 'Removes an issuer: its tokens are refused, within a minute on every node; for admins.',
    args: { id: t.arg.id({ required: true, description: 'The id of the issuer.' }) },
    resolve: async (_root, { id }, context) => ({ id: await deleteIssuer(context, id) }),
  }),
}));
