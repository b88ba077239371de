import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { findGoneTokens } from './find-gone-tokens.ts';
import { findToken } from './find-token.ts';
import { noteAccess } from './note-access.ts';

/** The statements of tokens, as methods of Prisma's model. */
export const authMethods = defineMethods('auth', {
  accessToken: {
    findByHash: method(findToken),
    findGone: method(findGoneTokens),
    noteAccess: method(noteAccess),
  },
});

export type AuthMethods = MethodsOf<typeof authMethods>;
