import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { bigints, removeOld, uuids } from './fragments.ts';
import { isOldSql } from './is-old.ts';
import type { Touched } from './rows.ts';

/**
 * Deletes those of the notifications that are in locked inboxes and still beyond the retention, leaving tombstones: one
 * may have been saved, or moved, since it was found. The invariant: as `removeNotifications`.
 */
export const purgeNotifications = statement<Touched>()({
  name: 'purge_notifications',
  text: `
  with old as materialized (
    select id, uuid, recipient_id, status, read_at from notifications n
    where id = any (${bigints('$1')}) and recipient_id = any (${uuids('$2')}) and ${isOldSql('$4')}
  ),
  ${removeOld('$3')}`,
  values: (ids: readonly NotificationId[], locked: readonly string[], now: Date, retentionDays: number) => [
    ids,
    locked,
    now.toISOString(),
    retentionDays,
  ],
});
