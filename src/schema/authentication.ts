import type { AuthClient, AuthTokens } from '../auth/sessions/auth-requests.ts';
import { authModes } from '../auth/sessions/sessions.ts';
import { forbidden, invalidPayload } from '../errors.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { returnsSecret, writesAlone } from './takes-no-key.ts';

const AuthMode = builder.enumType('auth_mode', {
  description:
    'Where the tokens are. `json`: in the answer. `cookie`: the refresh token is in a cookie. `session`: one cookie is both tokens.',
  values: authModes,
});

const Tokens = builder.objectRef<AuthTokens>('auth_tokens').implement({
  description: 'The tokens of a sign-in that are not in a cookie.',
  fields: (t) => ({
    access_token: t.exposeString('access_token', { nullable: true, description: 'Null in the mode `session`.' }),
    expires: t.field({
      type: 'GraphQLBigInt',
      nullable: true,
      description: 'Milliseconds until the access token expires.',
      resolve: ({ expires }) => expires,
    }),
    refresh_token: t.exposeString('refresh_token', {
      nullable: true,
      description: 'Only in the mode `json`; otherwise null. It can be used once.',
    }),
  }),
});

type Attempt = 'auth_login' | 'auth_password_request' | 'auth_password_reset';

/** What each request has tried. */
const attempts = new WeakMap<() => AuthClient, Set<Attempt>>();

function clientOf({ authClient }: GraphQLContext): AuthClient {
  if (authClient === undefined) throw forbidden('Signing in and out is possible over HTTP only');
  return authClient();
}

/** @throws ServiceError INVALID_PAYLOAD from the second time on: aliases would multiply the guesses of one request. */
function countAttempt({ authClient }: GraphQLContext, attempt: Attempt): void {
  if (authClient === undefined) return;
  const tried = attempts.get(authClient) ?? new Set();
  if (tried.has(attempt)) throw invalidPayload(`A request may contain only one "${attempt}"`);
  attempts.set(authClient, tried.add(attempt));
}

builder.mutationFields((t) => {
  const mode = t.arg({ type: AuthMode, description: 'Default: `json` with a `refresh_token`, else `cookie`.' });
  const refresh_token = t.arg.string({ description: 'Required in the mode `json`; otherwise it is in a cookie.' });
  return {
    auth_login: t.field({
      extensions: returnsSecret,
      type: Tokens,
      nullable: true,
      description: 'Signs in with a password, over HTTP. A request may contain it only once.',
      args: {
        email: t.arg.string({ required: true, description: 'The e-mail address of the user.' }),
        password: t.arg.string({ required: true, description: 'The password of the user.' }),
        mode: t.arg({ type: AuthMode, description: 'Default: `json`.' }),
        otp: t.arg.string({ description: 'Ignored: there is no second factor.' }),
      },
      resolve: (_root, { email, password, mode: chosen }, context) => {
        countAttempt(context, 'auth_login');
        return context.auth.login({ email, password, mode: chosen }, clientOf(context));
      },
    }),
    auth_refresh: t.field({
      extensions: returnsSecret,
      type: Tokens,
      nullable: true,
      description: 'Replaces the tokens of a sign-in; the given refresh token is refused from then on.',
      args: { refresh_token, mode },
      resolve: (_root, input, context) => context.auth.refresh(input, clientOf(context)),
    }),
    auth_logout: t.field({
      extensions: returnsSecret,
      type: 'Boolean',
      nullable: true,
      description: 'Ends a sign-in and removes its cookie. Returns true.',
      args: { refresh_token, mode },
      resolve: async (_root, input, context) => {
        await context.auth.logout(input, clientOf(context));
        return true;
      },
    }),
    auth_password_request: t.field({
      extensions: writesAlone,
      type: 'Boolean',
      nullable: true,
      description:
        'Sends a link that resets the password to the active user with this e-mail address, over HTTP. Returns true whether or not there is one. A request may contain it only once.',
      args: {
        email: t.arg.string({ required: true, description: 'The e-mail address of the user.' }),
        reset_url: t.arg.string({
          description:
            'Where the link leads, with the token in the parameter `token`; one of PASSWORD_RESET_URL_ALLOW_LIST. Default: a page of this service.',
        }),
      },
      resolve: async (_root, input, context) => {
        countAttempt(context, 'auth_password_request');
        await context.passwordResets.request(input, clientOf(context));
        return true;
      },
    }),
    auth_password_reset: t.field({
      extensions: writesAlone,
      type: 'Boolean',
      nullable: true,
      description:
        'Sets a new password with the token of a link, which works once and for one hour, over HTTP. Ends all sign-ins of the user. Returns true. A request may contain it only once.',
      args: {
        token: t.arg.string({ required: true, description: 'The parameter `token` of the link.' }),
        password: t.arg.string({ required: true, description: 'The new password, of 8 to 1000 characters.' }),
      },
      resolve: async (_root, input, context) => {
        countAttempt(context, 'auth_password_reset');
        await context.passwordResets.reset(input, clientOf(context));
        return true;
      },
    }),
  };
});
