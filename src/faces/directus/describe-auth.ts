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
    requestBody: { required: body === login, content: json(body) },
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
};
