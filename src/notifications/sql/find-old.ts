import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { isOldSql } from './is-old.ts';

/** A notification that may be purged. */
export interface OldNotification {
  readonly id: NotificationId;
  readonly timestamp: string;
}

/**
 * The oldest notifications beyond the retention.
 * @param since a time before which there are none; null: not known. It spares the entries of the index that a purge has
 * passed: those of deleted rows, and of rows that are kept.
 */
export const findOld = statement<OldNotification>()({
  name: 'find_old_notifications',
  isPlannedEachTime: true,
  text: `
    select id, timestamp from notifications n
    where ${isOldSql('$1')} and ($2::timestamptz is null or timestamp >= $2)
    order by timestamp
    limit $3::bigint`,
  values: (retentionDays: number, since: string | null, limit: number) => [retentionDays, since, limit],
});
