import { runOn } from '../../database/statement.ts';
import type { UserPayload } from '../payload.ts';
import { userColumnsSql } from './fragments.ts';

/** The fields of a recipient that actions may contain, and the recipient's position in the given list, from 1. */
export interface RecipientRow extends UserPayload {
  readonly position: number;
}

/**
 * Reads recipients by id. `user_name` is computed by the same SQL expression as in leases, which Prisma cannot express.
 * Not prepared, because the best plan depends on the number of recipients.
 */
export function readRecipients(this: unknown, ids: readonly string[]): Promise<RecipientRow[]> {
  return runOn<RecipientRow>(this, {
    text: `select position::int, ${userColumnsSql('users')}
           from unnest($1::uuid[]) with ordinality as given (id, position) join users on users.id = given.id`,
    values: [ids],
  });
}
