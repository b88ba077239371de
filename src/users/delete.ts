import { announceRevocation } from '../auth/revocations.ts';
import type { Queryable } from '../database/database.ts';
import { forbidden, invalidPayload, serviceUnavailable } from '../errors.ts';
import type { WriteContext } from '../notifications/context.ts';
import { isForeignKeyFault } from '../notifications/faults.ts';
import { forgetSenders, lockInboxesOfUsers, lockOwnInboxes, removeInboxes } from '../notifications/forget-users.ts';
import type { VersionRange } from '../notifications/ranges.ts';
import { parseUuid } from '../values.ts';
import { assertMayDeleteUsers } from './access.ts';
import { adminsLockKey, lastAdminMustStay } from './admins.ts';

const attempts = 5;

/**
 * Deletes users, all or none, with their tokens and their whole inbox; what they sent to others stays, without a
 * sender. Ids that are not there count as deleted, so it may be repeated.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin, when no active admin would be left, and for what
 * cannot be an id; INVALID_PAYLOAD for more ids than one write may have.
 */
export async function deleteUsers({ db, viewer, bus, limits }: WriteContext, ids: readonly string[]): Promise<void> {
  assertMayDeleteUsers(viewer);
  if (ids.length > limits.batchMax) {
    throw invalidPayload(`${ids.length} items are more than the ${limits.batchMax} of one write`);
  }
  const users = [...new Set(ids.map((id) => parseUuid(id) ?? ''))];
  if (users.includes('')) throw forbidden();
  if (users.length === 0) return;

  for (let attempt = 1; ; attempt++) {
    try {
      const ranges = await db.transaction((transaction) => deleteOnce(transaction, users));
      for (const id of users) announceRevocation(db, id);
      bus.publish(ranges);
      return;
    } catch (error) {
      // Somebody sent in their name to one more inbox after those were locked: that one is locked next time.
      if (!isForeignKeyFault(error)) throw error;
      if (attempt === attempts) throw serviceUnavailable('users', 'notifications are being sent in their name');
    }
  }
}

async function deleteOnce(transaction: Queryable, users: readonly string[]): Promise<VersionRange[]> {
  await transaction.query({ text: 'select pg_advisory_xact_lock($1)', values: [adminsLockKey] });
  const locked = await lockInboxesOfUsers(transaction, users);
  // Inboxes before users, as when creating: there the keys of users are looked at last. From here on nobody can
  // send in their name or make them an inbox.
  await transaction.query({
    text: 'select from users where id = any ($1::uuid[]) order by id for update',
    values: [users],
  });
  await lockOwnInboxes(transaction, users);
  await assertAdminLeft(transaction, users);
  const ranges = await forgetSenders(transaction, users, locked);
  const emptied = await removeInboxes(transaction, users);
  await transaction.query({ text: 'delete from users where id = any ($1::uuid[])', values: [users] });
  return [...ranges, ...emptied];
}

/** @throws ServiceError FORBIDDEN when active admins go and none stays. */
async function assertAdminLeft(transaction: Queryable, leaving: readonly string[]): Promise<void> {
  const [count] = await transaction.query<{ leaving: number; staying: number }>({
    text: `select count(*) filter (where id = any ($1::uuid[])) as leaving,
                  count(*) filter (where id <> all ($1)) as staying
           from users where role = 'admin' and status = 'active'`,
    values: [leaving],
  });
  if (count !== undefined && count.leaving > 0 && count.staying === 0) throw lastAdminMustStay();
}
