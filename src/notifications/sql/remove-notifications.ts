import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { bigints, removeOld, uuids } from './fragments.ts';
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
  ${removeOld('$3')}`,
  values: (ids: readonly NotificationId[], locked: readonly string[], now: Date) => [ids, locked, now.toISOString()],
});
