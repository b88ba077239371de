import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { bigints } from './fragments.ts';
import type { LockedInbox } from './rows.ts';

/**
 * Locks the inboxes that contain these notifications and those they move to, creating missing ones. The invariant: a
 * single ordered pass, because creating some first and then locking the rest could deadlock.
 */
export const lockInboxesForMove = statement<LockedInbox>()({
  name: 'lock_inboxes_for_move',
  text: `
    insert into inboxes as inbox (recipient_id)
    select recipient_id from (
      select recipient_id from notifications where id = any (${bigints('$1')})
      union
      select unnest($2::uuid[])
    ) as touched
    order by recipient_id
    on conflict (recipient_id) do update set version = inbox.version
    returning recipient_id, version`,
  values: (ids: readonly NotificationId[], recipients: readonly string[]) => [ids, recipients],
});
