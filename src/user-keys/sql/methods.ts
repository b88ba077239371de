import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { findByKeys } from './find-by-keys.ts';

/** The statement that finds users by their keys, as a method of Prisma's model. */
export const userKeyMethods = defineMethods('user-keys', {
  user: { findByKeys: method(findByKeys) },
});

export type UserKeyMethods = MethodsOf<typeof userKeyMethods>;
