import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { findRevokedTokens } from './find-revoked-tokens.ts';
import { findSessions } from './find-sessions.ts';
import { findToken } from './find-token.ts';
import { findUserRights } from './find-user-rights.ts';
import { purgeSessions } from './purge-sessions.ts';
import { recordAccess } from './record-access.ts';
import { startSession } from './start-session.ts';

/** The statements of tokens and sign-ins, as methods of Prisma's models. */
export const authMethods = defineMethods('auth', {
  accessToken: {
    findByHash: method(findToken),
    findRevoked: method(findRevokedTokens),
    recordAccess: method(recordAccess),
  },
  user: { findRights: method(findUserRights) },
  session: {
    start: method(startSession),
    findValid: method(findSessions),
    purge: method(purgeSessions),
  },
});

export type AuthMethods = MethodsOf<typeof authMethods>;
