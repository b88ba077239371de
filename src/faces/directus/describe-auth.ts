import { authModes } from '../../auth/sessions/sessions.ts';
import type { JsonSchema } from '../shared/json-schema.ts';
import { anybody, json, type OperationDescription } from '../shared/openapi.ts';
import { errors, failure } from './describe-routes.ts';

const mode: JsonSchema = {
  type: ['string', 'null'],
  enum: [...authModes, null],
  description:
    '`json`: the tokens are in the answer. `cookie`: the refresh token is in a cookie. `session`: one cookie is both tokens.',
};
const refresh: JsonSchema = {
  type: 'object',
  properties: {
    refresh_token: {
      type: ['string', 'null'],
      description: 'Required in the mode `json`; otherwise it is in a cookie.',
    },
    mode: { ...mode, description: 'Default: `json` with a `refresh_token`, else `cookie`.' },
  },
};
const login: JsonSchema = {
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: { type: 'string' },
    password: { type: 'string' },
    mode: { ...mode, default: 'json' },
    otp: { type: ['string', 'null'], description: 'Ignored: there is no second factor.' },
  },
};
const passwordRequest: JsonSchema = {
  type: 'object',
  required: ['email'],
  properties: {
    email: { type: 'string' },
    reset_url: {
      type: ['string', 'null'],
      description:
        'Where the link leads, with the token in the parameter `token`; one of PASSWORD_RESET_URL_ALLOW_LIST. Default: a page of this service.',
    },
  },
};
const passwordReset: JsonSchema = {
  type: 'object',
  required: ['token', 'password'],
  properties: {
    token: { type: 'string', description: 'The parameter `token` of the link.' },
    password: { type: 'string', description: 'The new password, of 8 to 1000 characters.' },
  },
};
const tokens: JsonSchema = {
  type: 'object',
  required: ['data'],
  properties: {
    data: {
      type: 'object',
      required: ['expires'],
      properties: {
        expires: { type: 'integer', description: 'Milliseconds until the access token expires.' },
        refresh_token: { type: 'string', description: 'Only in the mode `json`. It can be used once.' },
        access_token: { type: 'string', description: 'Not in the mode `session`.' },
      },
    },
  },
};

const route = (
  given: Pick<OperationDescription, 'operationId' | 'summary' | 'responses'> & { readonly body: JsonSchema },
): OperationDescription => {
  const { body, responses, ...named } = given;
  return {
    tags: ['Authentication'],
    security: anybody,
    ...named,
    requestBody: { required: body !== refresh, content: json(body) },
    responses: { ...responses, default: failure },
    schemas: { directus_errors: errors },
  };
};
const issued = { 200: { description: 'The tokens that are not in a cookie.', content: json(tokens) } };

export const authDescriptions = {
  login: route({ operationId: 'login', summary: 'Sign in with a password', body: login, responses: issued }),
  refresh: route({ operationId: 'refresh', summary: 'Replace the tokens', body: refresh, responses: issued }),
  logout: route({
    operationId: 'logout',
    summary: 'Sign out',
    body: refresh,
    responses: { 204: { description: 'The sign-in has ended. No body.' } },
  }),
  requestPassword: route({
    operationId: 'requestPasswordReset',
    summary: 'Send a link that resets a password',
    body: passwordRequest,
    responses: { 204: { description: 'The link is sent if there is an active user with this address. No body.' } },
  }),
  resetPassword: route({
    operationId: 'resetPassword',
    summary: 'Set a new password with the token of a link',
    body: passwordReset,
    responses: { 204: { description: 'The password is changed, and all sign-ins of the user have ended. No body.' } },
  }),
};
