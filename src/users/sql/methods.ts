import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { lockUsers } from './lock-users.ts';

/** The statements of users, as methods of Prisma's model. */
export const userMethods = defineMethods('users', {
  user: {
    lock: method(lockUsers),
  },
});

export type UserMethods = MethodsOf<typeof userMethods>;
