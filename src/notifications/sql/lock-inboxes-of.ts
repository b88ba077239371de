import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { bigints } from './fragments.ts';
import type { LockedInbox } from './rows.ts';

/**
 * Locks the inboxes that contain these notifications, in the order used by all writers; `owner` null means any inbox.
 * The invariant: a separate statement, so that the following change is computed under the lock.
 */
export const lockInboxesOf = statement<LockedInbox>()({
  name: 'lock_inboxes_of',
  text: `
    select recipient_id, version from inboxes
    where recipient_id = any (array(
      select recipient_id from notifications
      where id = any (${bigints('$1')}) and ($2::uuid is null or recipient_id = $2)
    ))
    order by recipient_id
    for no key update`,
  values: (ids: readonly NotificationId[], owner: string | null) => [ids, owner],
});
