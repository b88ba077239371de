import { statement } from '../../database/statement.ts';
import type { LockedInbox } from './rows.ts';

/** Locks the inboxes of these users and those they have sent to. The invariant: in the order used by all writers. */
export const lockInboxesOfUsers = statement<LockedInbox>()({
  name: 'lock_inboxes_of_users',
  isPlannedEachTime: true,
  text: `
    select recipient_id, version from inboxes
    where recipient_id = any ($1::uuid[])
       or recipient_id = any (array(select recipient_id from notifications where sender_id = any ($1::uuid[])))
    order by recipient_id
    for no key update`,
  values: (users: readonly string[]) => [users],
});
