import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { AuthTokens } from '../../auth/sessions/auth-requests.ts';
import { authModes } from '../../auth/sessions/sessions.ts';
import { authClientOf } from '../shared/auth-client.ts';
import { documented } from '../shared/openapi.ts';
import type { Services } from '../shared/services.ts';
import { parseWith } from './body.ts';
import { authDescriptions } from './describe-auth.ts';
import { sendNothing, sendSecret } from './reply.ts';

const text = z.string('must be a string').min(1, 'is required');
const mode = z.enum(authModes, `must be one of ${authModes.join(', ')}`).nullish();

/** `otp` is accepted because clients send it, and ignored: there is no second factor. */
export const LoginBody = z.object({ email: text, password: text, mode, otp: z.string().nullish() });
export const RefreshBody = z.object({ refresh_token: z.string('must be a string').nullish(), mode });

export const PasswordRequestBody = z.object({ email: text, reset_url: z.string('must be a string').nullish() });
export const PasswordResetBody = z.object({ token: text, password: text });

/** Most of it is the hash of the password. */
const loginPoints = 10;

/** Registers the routes that sign in, refresh, sign out and reset passwords. They take no bearer token. */
export function registerAuth(app: FastifyInstance, { auth, passwordResets, config }: Services): void {
  app.post('/auth/login', documented(authDescriptions.login, { points: loginPoints }), async (request, reply) => {
    const body = parseWith(LoginBody, request.body);
    return sendTokens(reply, await auth.login(body, authClientOf(request, reply, config)));
  });

  app.post('/auth/refresh', documented(authDescriptions.refresh), async (request, reply) => {
    const body = parseWith(RefreshBody, request.body);
    return sendTokens(reply, await auth.refresh(body, authClientOf(request, reply, config)));
  });

  app.post('/auth/logout', documented(authDescriptions.logout), async (request, reply) => {
    const body = parseWith(RefreshBody, request.body);
    await auth.logout(body, authClientOf(request, reply, config));
    return sendNothing(reply);
  });

  app.post('/auth/password/request', documented(authDescriptions.requestPassword), async (request, reply) => {
    const body = parseWith(PasswordRequestBody, request.body);
    await passwordResets.request(body, authClientOf(request, reply, config));
    return sendNothing(reply);
  });

  app.post('/auth/password/reset', documented(authDescriptions.resetPassword), async (request, reply) => {
    const body = parseWith(PasswordResetBody, request.body);
    await passwordResets.reset(body, authClientOf(request, reply, config));
    return sendNothing(reply);
  });
}

function sendTokens(reply: FastifyReply, data: AuthTokens): FastifyReply {
  return sendSecret(reply, JSON.stringify({ data }));
}
