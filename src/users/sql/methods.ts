import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method, queryMethod, runOn } from '../../database/statement.ts';
import type { User } from '../../generated/prisma/client.ts';
import type { UserColumn } from '../columns.ts';
import { findByName } from './find-by-name.ts';
import { insertUpserted } from './insert-upserted.ts';
import { lockUsers } from './lock-users.ts';
import { matchUsers } from './match-users.ts';
import { updateUpserted } from './update-upserted.ts';
import { usernamesByCase } from './usernames-by-case.ts';
import { usersOf } from './users-of.ts';

/** A user with only the requested columns set; the time is ISO 8601 text in UTC. */
export type ListedUser = Omit<User, 'last_access'> & { readonly last_access?: string | null };

/** The statements of users, as methods of Prisma's model. */
export const userMethods = defineMethods('users', {
  user: {
    findByName: method(findByName),
    lock: method(lockUsers),
    match: method(matchUsers),
    insertUpserted: method(insertUpserted),
    updateUpserted: method(updateUpserted),
    usernamesByCase: method(usernamesByCase),
    ofList(this: unknown, ids: readonly string[], columns: readonly UserColumn[]): Promise<ListedUser[]> {
      return runOn<ListedUser>(this, usersOf(ids, columns));
    },
    query: queryMethod,
  },
});

export type UserMethods = MethodsOf<typeof userMethods>;
