import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { bigints, stampSteps, stepIds, uuids } from './fragments.ts';
import type { Touched } from './rows.ts';

/**
 * Deletes the notifications that are in locked inboxes, leaving tombstones. The invariant: versions and counts are
 * computed and stored by the statement that deletes the rows. Measured by bench `graphql-delete-one`.
 */
export const removeNotifications = statement<Touched>()({
  name: 'remove_notifications',
  text: `
  with old as materialized (
    select id, uuid, recipient_id, status, read_at from notifications
    where id = any (${bigints('$1')}) and recipient_id = any (${uuids('$2')})
  ),
  steps as (
    select recipient_id, id, -(status = 'inbox' and read_at is null)::int as unread, -(status = 'inbox')::int as total
    from old
  ),
  ${stampSteps},
  removed as (delete from notifications where id in (select id from old)),
  tombstones as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select recipient_id, stamped.version, id, uuid, $3::timestamptz from old join stamped using (recipient_id, id)
  )
  select recipient_id, base, version, ${stepIds} as deleted from touched`,
  values: (ids: readonly NotificationId[], locked: readonly string[], now: Date) => [ids, locked, now.toISOString()],
});
