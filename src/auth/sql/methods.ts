import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { findRevokedTokens } from './find-revoked-tokens.ts';
import { findToken } from './find-token.ts';
import { findUserRights } from './find-user-rights.ts';
import { recordAccess } from './record-access.ts';

/** The statements of tokens, as methods of Prisma's model. */
export const authMethods = defineMethods('auth', {
  accessToken: {
    findByHash: method(findToken),
    findRevoked: method(findRevokedTokens),
    recordAccess: method(recordAccess),
  },
  user: { findRights: method(findUserRights) },
});

export type AuthMethods = MethodsOf<typeof authMethods>;
