import type { Queryable } from '../database/database.ts';
import type { VersionRange } from './ranges.ts';
import { type LockedInbox, rangesOf, stampSteps, stepIds, type Touched } from './versions.ts';

/**
 * Locks everything that deleting these users touches: their own inboxes and those they sent to. The first step of
 * the transaction that deletes them; `forgetSenders` is a later one, with a newer snapshot.
 */
export function lockInboxesOfUsers(transaction: Queryable, users: readonly string[]): Promise<LockedInbox[]> {
  return transaction.query<LockedInbox>({
    text: `
      select recipient_id, version from inboxes
      where recipient_id = any ($1::uuid[])
         or recipient_id = any (array(select recipient_id from notifications where sender_id = any ($1::uuid[])))
      order by recipient_id
      for no key update`,
    values: [users],
  });
}

/** Locks the inboxes of users who are locked themselves: one that was made before is there by now, and gets no more. */
export async function lockOwnInboxes(transaction: Queryable, users: readonly string[]): Promise<void> {
  await transaction.query({
    text: 'select from inboxes where recipient_id = any ($1::uuid[]) order by recipient_id for no key update',
    values: [users],
  });
}

/**
 * Takes these users' names off what they sent to the locked inboxes, as a change of each, but leaves their own
 * inboxes alone: those go with them. Gives the versions it took.
 */
export async function forgetSenders(
  transaction: Queryable,
  users: readonly string[],
  locked: readonly LockedInbox[],
): Promise<VersionRange[]> {
  const touched = await transaction.query<Touched>({
    text: forgetText,
    values: [users, locked.map(({ recipient_id }) => recipient_id)],
  });
  return rangesOf(touched);
}

/** Deletes the inboxes of these users with all that lies in them; gives what is told of it. */
export async function removeInboxes(transaction: Queryable, users: readonly string[]): Promise<VersionRange[]> {
  const emptied = await transaction.query<VersionRange>({ text: emptiedText, values: [users] });
  // Not left to the cascade: what they sent to themselves would stand in its way.
  await transaction.query({ text: 'delete from inboxes where recipient_id = any ($1::uuid[])', values: [users] });
  return emptied;
}

const forgetText = `
  with steps as materialized (
    select recipient_id, id, 0 as unread, 0 as total from notifications
    where sender_id = any ($1::uuid[]) and recipient_id = any ($2::uuid[]) and recipient_id <> all ($1)
  ),
  ${stampSteps},
  changed as (
    update notifications n set sender_id = null, version = stamped.version
    from stamped where n.id = stamped.id
  )
  select recipient_id, base, version, ${stepIds} as updated from touched`;

// With the inbox goes every trace of what lay in it, so those who see all inboxes are told the keys. Of a user without
// one it is told, too, that they are gone: they may follow the inbox that they would have had.
const emptiedText = `
  select users.id as recipient, coalesce(inbox.version, 0) as "from", coalesce(inbox.version, 0) as "to",
         array(select id from notifications n where n.recipient_id = users.id order by id) as deleted
  from users left join inboxes as inbox on inbox.recipient_id = users.id
  where users.id = any ($1::uuid[])
  order by users.id`;
